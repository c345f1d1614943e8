//! Asks DNS about a domain's mail: the SRV records of RFC 6186 and RFC 8314, and the mail exchangers.
//!
//! It is only for a guess: what does not come in time, or not at all, is as good as not there, and never an error.

use std::time::Duration;

use hickory_resolver::{
    TokioResolver,
    proto::rr::{Name, RData, RecordType},
};
use tokio::time::timeout;

use super::guess::{Records, Service};

/// For all questions, which are asked at once.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the system's name servers.
pub async fn records(domain: &str) -> Records {
    let Ok(resolver) = TokioResolver::builder_tokio().and_then(|builder| builder.build()) else {
        return Records::default();
    };
    records_by(&resolver, domain).await
}

async fn records_by(resolver: &TokioResolver, domain: &str) -> Records {
    let name = |service: &str| format!("{service}._tcp.{domain}.");
    let services = async |service: &str| {
        let answers = answers(resolver, &name(service), RecordType::SRV).await;
        answers.iter().filter_map(as_service).collect::<Vec<_>>()
    };
    let exchangers = async {
        let answers = answers(resolver, &format!("{domain}."), RecordType::MX).await;
        answers.iter().filter_map(as_exchanger).collect::<Vec<_>>()
    };
    let (imaps, imap, submissions, submission, exchangers) = tokio::join!(
        services("_imaps"),
        services("_imap"),
        services("_submissions"),
        services("_submission"),
        exchangers
    );
    Records { imaps, submissions, imap, submission, exchangers }
}

async fn answers(resolver: &TokioResolver, name: &str, kind: RecordType) -> Vec<RData> {
    match timeout(PATIENCE, resolver.lookup(name, kind)).await {
        Ok(Ok(lookup)) => lookup.answers().iter().map(|record| record.data.clone()).collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

fn as_service(data: &RData) -> Option<Service> {
    let RData::SRV(srv) = data else { return None };
    Some(Service { priority: srv.priority, weight: srv.weight, port: srv.port, host: host(&srv.target) })
}

fn as_exchanger(data: &RData) -> Option<(u16, String)> {
    let RData::MX(mx) = data else { return None };
    Some((mx.preference, host(&mx.exchange)))
}

fn host(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use hickory_resolver::{
        config::{NameServerConfig, ResolverConfig},
        net::runtime::TokioRuntimeProvider,
        proto::{
            op::{Message, ResponseCode},
            rr::{
                Record,
                rdata::{MX, SRV},
            },
        },
    };
    use tokio::net::UdpSocket;

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn zone(asked: &Name, kind: RecordType) -> Option<RData> {
        match (asked.to_ascii().as_str(), kind) {
            ("_imaps._tcp.acme.org.", RecordType::SRV) => {
                Some(RData::SRV(SRV::new(1, 2, 9993, name("Mail.Acme.ORG."))))
            }
            ("_imap._tcp.acme.org.", RecordType::SRV) => Some(RData::SRV(SRV::new(0, 0, 0, Name::root()))),
            ("acme.org.", RecordType::MX) => Some(RData::MX(MX::new(10, name("mx1.acme.org.")))),
            _ => None,
        }
    }

    /// Answers by UDP from the zone; what is not in it is not there.
    async fn name_server() -> u16 {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut packet = [0; 1500];
            while let Ok((size, from)) = socket.recv_from(&mut packet).await {
                let mut message = Message::from_vec(&packet[..size]).unwrap().into_response();
                let asked = message.queries[0].clone();
                match zone(asked.name(), asked.query_type()) {
                    Some(data) => {
                        message.add_answer(Record::from_rdata(asked.name().clone(), 60, data));
                    }
                    None => message.metadata.response_code = ResponseCode::NXDomain,
                }
                socket.send_to(&message.to_vec().unwrap(), from).await.unwrap();
            }
        });
        port
    }

    fn resolver(port: u16) -> TokioResolver {
        let mut server = NameServerConfig::udp(IpAddr::V4(Ipv4Addr::LOCALHOST));
        server.connections[0].port = port;
        let config = ResolverConfig::from_name_servers(vec![server]);
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build().unwrap()
    }

    #[tokio::test]
    async fn services_and_exchangers_are_read_as_the_domain_names_them() {
        let records = records_by(&resolver(name_server().await), "acme.org").await;
        let mail = Service { priority: 1, weight: 2, port: 9993, host: "mail.acme.org".to_owned() };
        let none = Service { priority: 0, weight: 0, port: 0, host: String::new() };
        let exchangers = vec![(10, "mx1.acme.org".to_owned())];
        assert_eq!(records, Records { imaps: vec![mail], imap: vec![none], exchangers, ..Records::default() });
    }

    #[tokio::test]
    async fn a_domain_that_does_not_exist_and_a_name_that_is_none_give_no_guess_and_no_error() {
        let resolver = resolver(name_server().await);
        assert_eq!(records_by(&resolver, "nowhere.org").await, Records::default());
        assert_eq!(records_by(&resolver, "a..b").await, Records::default());
    }

    #[tokio::test(start_paused = true)]
    async fn name_servers_that_are_silent_give_no_guess() {
        // Never answers.
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        assert_eq!(records_by(&resolver(port), "acme.org").await, Records::default());
    }
}
