//! Can a target that is not ours try our way to it? `ask URL USER DOMAIN COUNT [CA.pem]` reads a password from standard input, posts
//! COUNT small envelopes one after the other to `/ews` below the URL, and prints a line of JSON for each answer. For `tests/judges/ntlm`.

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
    let egress = Egress::new(Settings {
        url: url.clone(),
        auth: Auth::Ntlm {
            user: user.clone(),
            domain: (!domain.is_empty()).then(|| domain.clone()),
            password: Secret::new(password),
        },
        ca_bundle: rest.first().map(std::fs::read).transpose()?,
        server_name: None,
        allow: vec!["127.0.0.0/8".parse()?],
        allow_http: rest.is_empty(),
        connect_timeout: Duration::from_secs(10),
        request_deadline: Duration::from_secs(20),
        max_response_bytes: 64 << 10,
        width: 4,
        read_retries: 0,
        extra_headers: Vec::new(),
    })?;
    for n in 0..count.parse()? {
        let request = Request::new(Method::POST, ["ews"]).xml(format!("<envelope n=\"{n}\"/>").into_bytes());
        let line = match egress.write(&request).await {
            Ok(response) => {
                serde_json::json!({ "status": response.status, "body": String::from_utf8_lossy(&response.body) })
            }
            Err(failure) => {
                serde_json::json!({ "error": format!("{:?}", failure.error), "certainty": format!("{:?}", failure.certainty) })
            }
        };
        println!("{line}");
    }
    Ok(())
}
