//! The private Dovecot (2.3): IMAP for the desk and the tests, LMTP and SASL for Postfix.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use super::authority::Certificate;
use super::outage::is_up;
use super::{OUTSIDE, PASSWORD, USERS, daemon, free_ports, run, tail, token, write};

/// Owns the mail; nobody else's, and no entry in /etc/passwd.
const MAIL_UID: u32 = 5000;

pub struct Dovecot {
    pub imap_port: u16,
    pub imaps_port: u16,
    pub lmtp_port: u16,
    pub sasl_port: u16,
    pub log: PathBuf,
    /// A folder per user.
    pub mail: PathBuf,
    config: PathBuf,
    pid_file: PathBuf,
}

impl Dovecot {
    pub fn start(home: &Path, certificate: &Certificate) -> Dovecot {
        let [imap_port, imaps_port, lmtp_port, sasl_port] = free_ports();
        let (log, mail) = (home.join("log"), home.join("mail"));
        let (config, pid_file) = (home.join("dovecot.conf"), home.join("run/master.pid"));
        let dovecot = Dovecot { imap_port, imaps_port, lmtp_port, sasl_port, log, mail, config, pid_file };

        fs::create_dir_all(&dovecot.mail).expect("the folder for mail");
        chown(&dovecot.mail, Some(MAIL_UID), Some(MAIL_UID)).expect("give the folder for mail to its user");
        let users = USERS.iter().chain([&OUTSIDE]).map(|user| format!("{user}:{{PLAIN}}{PASSWORD}::::::\n"));
        let users: String = users.collect();
        write(&home.join("users"), &users);
        token::accept(home);
        write(&dovecot.config, &dovecot.configuration(home, certificate));

        dovecot.up();
        dovecot
    }

    pub fn up(&self) {
        run("dovecot", &["-c", self.config_path()]);
        let ports = [self.imap_port, self.imaps_port, self.lmtp_port, self.sasl_port];
        assert!(is_up(&ports, &self.pid_file), "Dovecot does not listen\n{}", tail(&self.log));
    }

    pub fn stop(&self) {
        daemon::end(&self.pid_file);
    }

    pub fn kill(&self) {
        daemon::kill(&self.pid_file);
    }

    fn config_path(&self) -> &str {
        self.config.to_str().expect("a path in UTF-8")
    }

    fn configuration(&self, home: &Path, certificate: &Certificate) -> String {
        let Dovecot { imap_port, imaps_port, lmtp_port, sasl_port, log, .. } = self;
        let (home, log) = (home.display(), log.display());
        let (cert, key) = (certificate.file.display(), certificate.key_file.display());
        format!(
            "base_dir = {home}/run
state_dir = {home}/state
log_path = {log}
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_username_format = %Ln
auth_failure_delay = 0
mail_location = maildir:{home}/mail/%n
mail_uid = {MAIL_UID}
mail_gid = {MAIL_UID}
first_valid_uid = {MAIL_UID}
mail_fsync = never
mail_max_userip_connections = 200
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth2
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {home}/users
}}
userdb {{
  driver = static
  args = uid={MAIL_UID} gid={MAIL_UID} home={home}/mail/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
service auth {{
  inet_listener sasl {{
    port = {sasl_port}
  }}
}}
service anvil {{
  # Or a wrong password makes the next logins from 127.0.0.1 wait for seconds.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"
        )
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        daemon::end(&self.pid_file);
    }
}
