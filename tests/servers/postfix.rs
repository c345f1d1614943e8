//! The private Postfix: takes mail for the test's domains, delivers it to Dovecot, and bounces for real.

use std::fs;
use std::path::{Path, PathBuf};

use super::authority::Certificate;
use super::dovecot::Dovecot;
use super::outage::is_up;
use super::{OUTSIDE, USERS, daemon, free_ports, run, tail, write};

pub struct Postfix {
    pub smtp_port: u16,
    pub plain_submission_port: u16,
    pub submission_port: u16,
    pub smtps_port: u16,
    pub log: PathBuf,
    config: PathBuf,
    pid_file: PathBuf,
}

impl Postfix {
    pub fn start(home: &Path, certificate: &Certificate, dovecot: &Dovecot) -> Postfix {
        let [smtp_port, plain_submission_port, submission_port, smtps_port] = free_ports();
        let (log, config, pid_file) = (home.join("log"), home.join("etc"), home.join("spool/pid/master.pid"));
        let postfix = Postfix { smtp_port, plain_submission_port, submission_port, smtps_port, log, config, pid_file };

        for folder in ["etc", "spool", "data"] {
            fs::create_dir_all(home.join(folder)).expect("Postfix's folders");
        }
        // Postfix's daemons write their caches there as the user `postfix`.
        run("chown", &["postfix", home.join("data").to_str().expect("a path in UTF-8")]);
        write(&postfix.config.join("main.cf"), &postfix.main(home, certificate, dovecot));
        write(&postfix.config.join("master.cf"), &postfix.master());
        write(&postfix.config.join("mailboxes"), &mailboxes());
        write(&postfix.config.join("transport"), &transport(dovecot));
        // With the address in the detail, which the mailbox's server writes into Delivered-To.
        write(&postfix.config.join("outside"), &format!("/^(.+)@(.+\\.example)$/ {OUTSIDE}+$1=$2@desk.test\n"));

        postfix.up();
        postfix
    }

    pub fn up(&self) {
        run("postfix", &["-c", self.config_path(), "start"]);
        let ports = [self.smtp_port, self.plain_submission_port, self.submission_port, self.smtps_port];
        assert!(is_up(&ports, &self.pid_file), "Postfix does not listen\n{}", tail(&self.log));
    }

    pub fn stop(&self) {
        daemon::end(&self.pid_file);
    }

    pub fn kill(&self) {
        daemon::kill(&self.pid_file);
    }

    pub fn queue_empty(&self) -> bool {
        // One JSON object a line and mail.
        !run("postqueue", &["-c", self.config_path(), "-j"]).lines().any(|line| line.starts_with('{'))
    }

    pub fn flush_queue(&self) {
        run("postqueue", &["-c", self.config_path(), "-f"]);
    }

    fn config_path(&self) -> &str {
        self.config.to_str().expect("a path in UTF-8")
    }

    fn main(&self, home: &Path, certificate: &Certificate, dovecot: &Dovecot) -> String {
        let (home, log, config) = (home.display(), self.log.display(), self.config.display());
        let (cert, key) = (certificate.file.display(), certificate.key_file.display());
        let Dovecot { lmtp_port, sasl_port, .. } = dovecot;
        format!(
            "compatibility_level = 3.6
config_directory = {config}
queue_directory = {home}/spool
data_directory = {home}/data
maillog_file = {log}
maillog_file_prefixes = {home}
multi_instance_name = postfix-casepost-test
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
alias_maps =
alias_database =
local_recipient_maps =
recipient_delimiter = +
virtual_mailbox_domains = desk.test, customer.test, other.test
virtual_mailbox_maps = regexp:{config}/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
transport_maps = regexp:{config}/transport
virtual_alias_maps = regexp:{config}/outside
lmtp_destination_recipient_limit = 1
default_transport = error:5.1.2 no such domain in this test
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtp_tls_security_level = none
lmtp_tls_security_level = none
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl_port}
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
in_flow_delay = 0
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
"
        )
    }

    fn master(&self) -> String {
        let Postfix { smtp_port, plain_submission_port, submission_port, smtps_port, .. } = self;
        format!(
            "127.0.0.1:{smtp_port} inet n - n - 50 smtpd
127.0.0.1:{plain_submission_port} inet n - n - 50 smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{submission_port} inet n - n - 50 smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{smtps_port} inet n - n - 50 smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
        )
    }
}

/// Whom Postfix accepts at RCPT. At customer.test that is everyone: Dovecot doesn't know them, hence a real bounce.
fn mailboxes() -> String {
    format!("/^({}|{OUTSIDE})(\\+.*)?@/ ok\n/@customer\\.test$/ ok\n", USERS.join("|"))
}

fn transport(dovecot: &Dovecot) -> String {
    // A port on which nobody listens any more is what keeps mail in the queue.
    let [closed] = free_ports();
    let lmtp = dovecot.lmtp_port;
    format!(
        "/@(desk|customer|other)\\.test$/ lmtp:inet:127.0.0.1:{lmtp}
/@reject\\.test$/ error:5.1.1 no such user
/@defer\\.test$/ retry:4.3.0 mailbox busy
/@later\\.test$/ smtp:[127.0.0.1]:{closed}
"
    )
}

impl Drop for Postfix {
    fn drop(&mut self) {
        daemon::end(&self.pid_file);
    }
}
