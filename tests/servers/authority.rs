//! A certificate authority of the test's own, and the one certificate that it signs.

use std::fs;
use std::path::{Path, PathBuf};

use super::{run, write};

pub struct Certificate {
    pub ca_file: PathBuf,
    pub file: PathBuf,
    pub key_file: PathBuf,
}

/// Makes `ca.pem` and a certificate for `localhost` and 127.0.0.1.
pub fn issue(folder: &Path) -> Certificate {
    fs::create_dir_all(folder).expect("the authority's folder");
    let path = |name: &str| folder.join(name).to_str().expect("a path in UTF-8").to_owned();
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

    let (ca, ca_key) = (path("ca.pem"), path("ca.key"));
    let authority = ["-x509", "-days", "30", "-subj", "/CN=Casepost test authority", "-out", &ca, "-keyout", &ca_key];
    let constraints =
        ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
    run("openssl", &[&["req"], &key[..], &authority, &constraints].concat());

    let (request, server_key) = (path("server.csr"), path("server.key"));
    run(
        "openssl",
        &[&["req"], &key[..], &["-subj", "/CN=localhost", "-out", &request, "-keyout", &server_key]].concat(),
    );

    let (extensions, server) = (path("server.ext"), path("server.pem"));
    write(
        Path::new(&extensions),
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n\
         keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n",
    );
    let signing = ["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-days", "30", "-extfile", &extensions];
    run("openssl", &[&["x509", "-req", "-in", &request, "-out", &server], &signing[..]].concat());

    Certificate { ca_file: ca.into(), file: server.into(), key_file: server_key.into() }
}
