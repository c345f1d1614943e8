//! A certificate authority of the test's own, and the certificates that it signs: the servers' one, and on demand some
//! with which a client must not be content.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Servers, run, write};

#[derive(Debug, Clone)]
pub struct Certificate {
    /// The authority that signed it.
    pub ca_file: PathBuf,
    pub file: PathBuf,
    pub key_file: PathBuf,
}

/// What a client of `localhost` or 127.0.0.1 that trusts [`Servers::ca_file`] finds in a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    Expired,
    /// For another host than the one connected to.
    OtherHost,
    /// Signed by another authority of the same name.
    UnknownAuthority,
}

impl Servers {
    /// The servers' own certificate, or one that is issued with this flaw.
    pub fn certificate(&self, flaw: Flaw) -> Certificate {
        let folder = self.home.path().join("ca");
        match flaw {
            Flaw::None => self.certificate.clone(),
            Flaw::Expired => Authority::of(&folder).certify("expired", OUR_NAMES, Validity::Over),
            Flaw::OtherHost => Authority::of(&folder).certify("elsewhere", "DNS:elsewhere.test", Validity::Month),
            Flaw::UnknownAuthority => issue(&self.home.path().join("unknown-ca")),
        }
    }
}

const OUR_NAMES: &str = "DNS:localhost,IP:127.0.0.1";
const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/// Makes an authority, `ca.pem`, and a certificate for `localhost` and 127.0.0.1.
pub fn issue(folder: &Path) -> Certificate {
    Authority::establish(folder).certify("server", OUR_NAMES, Validity::Month)
}

#[derive(Clone, Copy, PartialEq)]
enum Validity {
    Month,
    /// Since years.
    Over,
}

struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// The one that was established in this folder.
    fn of(folder: &Path) -> Authority {
        Authority { folder: folder.to_owned() }
    }

    fn establish(folder: &Path) -> Authority {
        fs::create_dir_all(folder).expect("the authority's folder");
        let authority = Authority::of(folder);
        let (ca, ca_key) = (authority.path("ca.pem"), authority.path("ca.key"));
        let who = ["-x509", "-days", "30", "-subj", "/CN=Casepost test authority", "-out", &ca, "-keyout", &ca_key];
        let constraints =
            ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
        run("openssl", &[&["req"], &KEY[..], &who, &constraints].concat());
        authority
    }

    fn certify(&self, name: &str, names: &str, validity: Validity) -> Certificate {
        let path = |extension: &str| self.path(&format!("{name}.{extension}"));
        let (request, key, extensions, certificate) = (path("csr"), path("key"), path("ext"), path("pem"));
        let what = ["-subj", "/CN=localhost", "-out", &request, "-keyout", &key];
        run("openssl", &[&["req"], &KEY[..], &what].concat());
        write(
            Path::new(&extensions),
            &format!(
                "subjectAltName={names}\nbasicConstraints=critical,CA:FALSE\n\
                 keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
            ),
        );
        match validity {
            Validity::Month => self.sign(&request, &extensions, &certificate),
            Validity::Over => self.sign_for_the_past(&request, &extensions, &certificate),
        }
        Certificate { ca_file: self.path("ca.pem").into(), file: certificate.into(), key_file: key.into() }
    }

    fn sign(&self, request: &str, extensions: &str, certificate: &str) {
        let (ca, ca_key) = (self.path("ca.pem"), self.path("ca.key"));
        let what = ["x509", "-req", "-in", request, "-out", certificate, "-days", "30", "-extfile", extensions];
        run("openssl", &[&what[..], &["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial"]].concat());
    }

    /// By `openssl ca`: `openssl x509` knows dates only since 3.4, and a negative number of days is not taken by all.
    fn sign_for_the_past(&self, request: &str, extensions: &str, certificate: &str) {
        let (ca, ca_key) = (self.path("ca.pem"), self.path("ca.key"));
        let (config, index) = (self.path("ca.conf"), self.path("index.txt"));
        write(
            Path::new(&config),
            &format!(
                "[ca]\ndefault_ca = own\n[own]\ndatabase = {index}\nnew_certs_dir = {folder}\ndefault_md = sha256\n\
                 rand_serial = yes\nunique_subject = no\npolicy = any\n[any]\ncommonName = supplied\n",
                folder = self.folder.display()
            ),
        );
        write(Path::new(&index), "");
        let who = ["ca", "-batch", "-notext", "-config", &config, "-cert", &ca, "-keyfile", &ca_key];
        let what = ["-in", request, "-out", certificate, "-extfile", extensions];
        let when = ["-startdate", "20200101000000Z", "-enddate", "20200131000000Z"];
        run("openssl", &[&who[..], &what, &when].concat());
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().expect("a path in UTF-8").to_owned()
    }
}
