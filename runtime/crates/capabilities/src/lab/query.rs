//! How is an entry searched for?

use http::Method;

use crate::egress::Request;

/// `GET /entries?marker=`
pub(super) fn by_marker(marker: &str) -> Request {
    let mut request = Request::new(Method::GET, ["entries"]);
    request.query.push(("marker".to_owned(), marker.to_owned()));
    request
}
