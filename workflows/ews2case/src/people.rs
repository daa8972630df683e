//! Who gets the case?
//!
//! The analyst who puts a mail into the folder gives it a category with her name; a category that is a TheHive user assigns the case.

use synapse_guest::thehive::User;

use crate::config::Config;

/// What a mail's categories say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    /// The login of who gets the case.
    pub login: Option<String>,
    /// Categories that are no users.
    pub unknown: Vec<String>,
    /// Why a category that looks like a user does not assign.
    pub notes: Vec<String>,
}

/// The categories of a mail that people gave it.
pub fn given(categories: &[String], config: &Config) -> Vec<String> {
    let mut given: Vec<String> = categories
        .iter()
        .filter(|category| !config.is_own_category(category))
        .map(|category| category.trim().to_owned())
        .collect();
    given.retain(|category| !category.is_empty());
    given
}

/// Reads the categories (`given`). Case does not matter; locked users are never assigned.
pub fn assignment(given: &[String], users: &[User], config: &Config) -> Assignment {
    let mut found = Assignment::default();
    let mut named: Vec<(usize, &str)> = Vec::new();
    for category in given {
        match candidates(category, users, config).as_slice() {
            [] => found.unknown.push(category.clone()),
            [user] if user.locked => {
                found.notes.push(format!(
                    "category `{category}` names {}, who is locked in TheHive; not assigned",
                    user.login
                ));
            }
            [user] => named.push((rank(category, config), &user.login)),
            several => {
                let logins: Vec<&str> = several.iter().map(|user| user.login.as_str()).collect();
                found.notes.push(format!(
                    "category `{category}` fits several users ({}); not assigned",
                    logins.join(", ")
                ));
            }
        }
    }
    // Stable: of equal rank, the mail's own order decides.
    named.sort_by_key(|(rank, _)| *rank);
    found.login = named.first().map(|(_, login)| (*login).to_owned());
    found
}

fn rank(category: &str, config: &Config) -> usize {
    let same = |named: &String| same(named, category);
    config.category_precedence.iter().position(same).unwrap_or(usize::MAX)
}

/// The users that the category may mean: the first way of reading it that fits anybody.
fn candidates<'a>(category: &str, users: &'a [User], config: &Config) -> Vec<&'a User> {
    let completed = config.user_domain.as_ref().map(|domain| format!("{category}@{domain}"));
    let local = |address: &str| address.split('@').next().unwrap_or_default().to_owned();
    let ways: [&dyn Fn(&User) -> bool; 5] = [
        &|user| same(&user.login, category),
        &|user| completed.as_deref().is_some_and(|login| same(&user.login, login)),
        &|user| user.email.as_deref().is_some_and(|email| same(email, category)),
        &|user| same(&user.name, category),
        &|user| {
            same(&local(&user.login), category)
                || user.email.as_deref().is_some_and(|email| same(&local(email), category))
        },
    ];
    let fitting = ways
        .into_iter()
        .map(|fits| users.iter().filter(|user| fits(user)).collect::<Vec<_>>());
    let mut found = fitting.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    // A locked namesake does not stand in the way.
    if found.len() > 1 && found.iter().any(|user| !user.locked) {
        found.retain(|user| !user.locked);
    }
    found
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(login: &str, name: &str, email: Option<&str>, locked: bool) -> User {
        User {
            login: login.into(),
            name: name.into(),
            email: email.map(Into::into),
            locked,
            profile: "analyst".to_owned(),
        }
    }

    fn users() -> Vec<User> {
        vec![
            user("alice@soc.example", "Alice Adams", None, false),
            user("bob@soc.example", "Bob", Some("robert@corp.example"), false),
            user("carol@soc.example", "Carol", None, true),
            user("dave@one.example", "Dave 1", None, false),
            user("dave@two.example", "Dave 2", None, false),
        ]
    }

    fn login(categories: &[&str], config: &Config) -> Option<String> {
        let given: Vec<String> = categories.iter().map(|category| (*category).to_owned()).collect();
        assignment(&given, &users(), config).login
    }

    #[test]
    fn a_category_is_a_login_a_name_or_the_part_before_the_at() {
        let config = Config::default();
        for category in ["alice", "ALICE", "Alice Adams", "alice@soc.example"] {
            assert_eq!(
                login(&[category], &config).as_deref(),
                Some("alice@soc.example"),
                "{category}"
            );
        }
        assert_eq!(login(&["robert"], &config).as_deref(), Some("bob@soc.example"));
        assert_eq!(login(&["red"], &config), None);
    }

    #[test]
    fn a_locked_user_is_never_assigned() {
        let found = assignment(&["carol".into()], &users(), &Config::default());
        assert_eq!((found.login, found.unknown.len(), found.notes.len()), (None, 0, 1));
    }

    #[test]
    fn a_category_that_fits_several_users_assigns_with_the_domain_only() {
        assert_eq!(login(&["dave"], &Config::default()), None);
        let config = Config {
            user_domain: Some("two.example".into()),
            ..Config::default()
        };
        assert_eq!(login(&["dave"], &config).as_deref(), Some("dave@two.example"));
    }

    #[test]
    fn among_several_categories_the_configured_one_wins_else_the_first() {
        assert_eq!(
            login(&["red", "bob", "alice"], &Config::default()).as_deref(),
            Some("bob@soc.example")
        );
        let config = Config {
            category_precedence: vec!["Alice".into()],
            ..Config::default()
        };
        assert_eq!(login(&["bob", "alice"], &config).as_deref(), Some("alice@soc.example"));
    }
}
