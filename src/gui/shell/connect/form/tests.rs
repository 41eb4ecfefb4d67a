//! Addresses that the form makes, and the form that an address fills.
//! What is missing or wrong is said before anything is asked.

use super::*;

#[test]
fn tables_of_a_database_are_options_of_its_address() {
    let mut form = Form {
        system: System::Postgres,
        hosts: "db:6432".to_owned(),
        database: "shop".to_owned(),
        user: "me".to_owned(),
        tls: true,
        window: Window::All,
        ..Form::default()
    };
    assert_eq!(shown(&form), ["postgres://me@db:6432/shop?sslmode=verify-full"]);
    let one = Form { category: " account ".to_owned(), stream: "account-1".to_owned(), ..form.clone() };
    let made = "postgres://me@db:6432/shop?sslmode=verify-full&stream=account-1&category=account";
    assert_eq!(shown(&one), [made]);
    let read = Form::of(&Url::parse(made).expect("an address"));
    assert_eq!((read.stream.as_str(), read.category.as_str()), ("account-1", "account"));
    form.toggle("events");
    form.toggle("outbox");
    let urls = shown(&form);
    assert_eq!(urls[0], "postgres://me@db:6432/shop?sslmode=verify-full&table=events");
    assert_eq!(urls.len(), 2);
    let again = Form::of(&Url::parse(&urls[0]).expect("an address"));
    assert_eq!(shown(&again), urls[..1]);
}

fn shown(form: &Form) -> Vec<String> {
    form.urls().expect("complete").iter().map(Url::to_string).collect()
}

#[test]
fn fields_make_an_address_and_are_found_in_it() {
    let mut form = Form {
        hosts: "a:9092,b:9092".to_owned(),
        user: "me".to_owned(),
        password: "secret".to_owned(),
        tls: true,
        mechanism: 2,
        places: "orders, payments".to_owned(),
        properties: "client.id=x\n?isolation=uncommitted\n".to_owned(),
        ..Form::default()
    };
    assert_eq!(
        shown(&form),
        [
            "kafka://me@a:9092,b:9092/orders,payments?tls=true&sasl=SCRAM-SHA-512&property.client.id=x&isolation=uncommitted&newest=10000"
        ]
    );
    let url = form.urls().expect("complete").remove(0);
    form.places = "orders,payments".to_owned();
    assert_eq!(Form::of(&url), form);
    form.window = Window::From;
    assert!(form.urls().expect_err("no time").contains("time"));
    form.from = "2h".to_owned();
    assert!(shown(&form)[0].ends_with("&from=2h"));
}

#[test]
fn each_queue_is_an_address_of_its_own() {
    let mut form = Form { system: System::RabbitMq, hosts: "h".to_owned(), ..Form::default() };
    form.toggle("a/b");
    form.toggle("orders");
    assert_eq!(shown(&form), ["amqp://h/%2F/a%2Fb?limit=10000", "amqp://h/%2F/orders?limit=10000"]);
    form.toggle("a/b");
    form.window = Window::All;
    form.tls = true;
    form.properties = "management=15690\n".to_owned();
    assert_eq!(shown(&form), ["amqps://h/%2F/orders?management=15690&limit=all"]);
    assert_eq!(Form::of(&form.urls().expect("complete").remove(0)), form);
}

#[test]
fn streams_of_kurrentdb_have_addresses_of_their_own_and_none_is_all() {
    let mut form = Form { system: System::Kurrent, hosts: "a:2113,b".to_owned(), tls: true, ..Form::default() };
    assert_eq!(shown(&form), ["kurrentdb://a:2113,b?newest=10000"]);
    form.tls = false;
    form.user = "me".to_owned();
    form.properties = "nodePreference=follower\n".to_owned();
    form.toggle("account-1");
    assert_eq!(shown(&form), ["kurrentdb://me@a:2113,b/account-1?tls=false&nodePreference=follower&newest=10000"]);
    assert_eq!(Form::of(&form.urls().expect("complete").remove(0)), form);
    form.window = Window::Pending;
    assert!(form.urls().is_err(), "no group");
    form.group = "billing".to_owned();
    assert!(shown(&form)[0].ends_with("&parked=billing"));
    assert_eq!(Form::of(&form.urls().expect("complete").remove(0)).window, Window::Pending);
    assert!(Form::of(&Url::parse("esdb://h/x").expect("an address")).tls, "encrypted unless it says no");
}

#[test]
fn streams_of_redis_share_an_address() {
    let mut form = Form { system: System::Redis, hosts: "h".to_owned(), ..Form::default() };
    form.toggle("orders");
    form.toggle("pay*");
    assert_eq!(shown(&form), ["redis://h/orders,pay*?newest=10000"]);
    form.tls = true;
    form.database = "2".to_owned();
    form.password = "secret".to_owned();
    form.window = Window::Pending;
    assert!(form.urls().expect_err("no group").contains("group"));
    form.group = "billing".to_owned();
    let url = form.urls().expect("complete").remove(0);
    assert_eq!(url.to_string(), "rediss://h/2/orders,pay*?pending=billing&idle=5m&deliveries=1");
    form.places = "orders,pay*".to_owned();
    assert_eq!(Form::of(&url), form, "with the password");
    let five = Form { system: System::Redis, hosts: "h".to_owned(), places: "5".to_owned(), ..Form::default() };
    assert_eq!(shown(&five), ["redis://h/0/5?newest=10000"]);
}

#[test]
fn queues_of_aws_have_a_region_and_a_profile() {
    let mut form = Form { system: System::Sqs, newest: "1000".to_owned(), ..Form::default() };
    assert_eq!(form.server().expect("complete").to_string(), "sqs://*", "both as configured");
    form.hosts = "eu-west-1".to_owned();
    form.profile = "shop".to_owned();
    form.properties = "endpoint=http://localhost:4566\n".to_owned();
    form.toggle("orders-dlq");
    let all = "region=eu-west-1&profile=shop&endpoint=http%3A%2F%2Flocalhost%3A4566";
    assert_eq!(shown(&form), [format!("sqs://orders-dlq?{all}&limit=1000")]);
    assert_eq!(Form::of(&form.urls().expect("complete").remove(0)), form);
}

#[test]
fn what_is_missing_is_said() {
    let mut form = Form::default();
    assert!(form.urls().expect_err("no host").contains("host"));
    form.hosts = "kafka://h".to_owned();
    assert!(form.urls().is_err());
    form.hosts = "h:x".to_owned();
    assert!(form.urls().expect_err("no number").contains("port"));
    form.hosts = "h".to_owned();
    assert!(form.urls().expect_err("no topic").contains("topic"));
    form.places = "orders".to_owned();
    form.newest = "0".to_owned();
    assert!(form.urls().expect_err("none").contains("number"));
    form.newest = "1,000".to_owned();
    form.properties = "client.id".to_owned();
    assert!(form.urls().expect_err("no value").contains("name=value"));
}
