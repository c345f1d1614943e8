//! OAuth 2.0 access tokens that the tests' Dovecot accepts (RFC 9068: a JWT; here with a shared key).

use std::{fs, path::Path, time::SystemTime};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::write;

const KEY: &[u8] = b"a key that only these tests know";

/// Writes what Dovecot needs to verify tokens itself.
pub fn accept(home: &Path) {
    let keys = home.join("keys/default/HS256");
    fs::create_dir_all(&keys).expect("the folder for keys");
    write(&keys.join("default"), &BASE64.encode(KEY));
    let keys = home.join("keys");
    write(
        &home.join("oauth2"),
        &format!(
            "introspection_mode = local\nusername_attribute = sub\n\
             local_validation_key_dict = fs:posix:prefix={}/\n",
            keys.display()
        ),
    );
}

/// A token for a user, good for so many seconds from now; none left is one that has expired.
pub fn token(user: &str, good_for_seconds: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock after 1970").as_secs() as i64;
    let claims = format!("{{\"sub\":\"{user}\",\"iat\":{},\"exp\":{}}}", now - 3600, now + good_for_seconds);
    let encode = |part: &str| BASE64URL_NOPAD.encode(part.as_bytes());
    let signed = format!("{}.{}", encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), encode(&claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}
