//! Can a target that is not ours try our way to it? `ask URL USER[,USER] DOMAIN COUNT [CA.pem]` reads a password from standard input, posts
//! COUNT small envelopes to `/ews` below the URL, and prints a line of JSON for each answer: one after the other, or, for several users (who
//! have one password), all of all users at once, each user's over a way of its own. For `tests/judges/ntlm`.

use std::error::Error;
use std::io::Read as _;
use std::time::Duration;

use http::Method;
use synapse_capabilities::egress::{Auth, Egress, Request, Settings};
use synapse_domain::secret::Secret;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, user, domain, count, rest @ ..] = &arguments[..] else {
        return Err("usage: ask URL USER DOMAIN COUNT [CA.pem]".into());
    };
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password)?;
    let count: usize = count.parse()?;
    let way = |user: &str| -> Result<Egress, Box<dyn Error>> {
        Ok(Egress::new(Settings {
            url: url.clone(),
            auth: Auth::Ntlm {
                user: user.to_owned(),
                domain: (!domain.is_empty()).then(|| domain.clone()),
                password: Secret::new(password.clone()),
            },
            ca_bundle: rest.first().map(std::fs::read).transpose()?,
            server_name: None,
            allow: vec!["127.0.0.0/8".parse()?],
            proxy: None,
            allow_http: rest.is_empty(),
            connect_timeout: Duration::from_secs(10),
            request_deadline: Duration::from_secs(20),
            max_response_bytes: 64 << 10,
            width: 4,
            requests_per_second: 0,
            read_retries: 0,
            extra_headers: Vec::new(),
        })?)
    };
    let users: Vec<&str> = user.split(',').collect();
    if let [user] = users[..] {
        let egress = way(user)?;
        for n in 0..count {
            println!("{}", post(&egress, &format!("<envelope n=\"{n}\"/>")).await);
        }
        return Ok(());
    }
    let ways = users.iter().map(|user| Ok((*user, way(user)?)));
    let ways = ways.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let posts = ways.iter().flat_map(|(user, egress)| {
        (0..count).map(move |_| async move { post(egress, &format!("<envelope user=\"{user}\"/>")).await })
    });
    for line in futures::future::join_all(posts).await {
        println!("{line}");
    }
    Ok(())
}

/// Posts one envelope; answers what is printed of it.
async fn post(egress: &Egress, envelope: &str) -> serde_json::Value {
    let request = Request::new(Method::POST, ["ews"]).xml(envelope.as_bytes().to_vec());
    match egress.write(&request).await {
        Ok(response) => {
            serde_json::json!({ "status": response.status, "body": String::from_utf8_lossy(&response.body) })
        }
        Err(failure) => {
            serde_json::json!({ "error": format!("{:?}", failure.error), "certainty": format!("{:?}", failure.certainty) })
        }
    }
}
