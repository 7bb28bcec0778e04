use super::*;

#[test]
fn only_a_certain_secret_is_a_password() {
    for (url, is_secret) in [
        ("http://h/?x=1", false),
        ("postgresql://u@h/d?speed=fast", false),
        ("postgresql://u:pw@h/d", true),
        ("postgresql://h/d?sslpassword=pw", true),
        ("http://h/?access_token=pw", true),
    ] {
        assert_eq!(SecretUrl::new(url).has_password(), is_secret, "{url}");
    }
}

#[test]
fn a_password_can_be_left_out() {
    for (url, without, had_one) in [
        ("postgresql://u:p@w@h:5432/d?sslmode=require", "postgresql://u@h:5432/d?sslmode=require", true),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d", false),
        ("redis://:pw@h/0", "redis://h/0", true),
        ("host=h password='a b' user=u", "host='h' user='u'", true),
        ("http://h:9090?token=pw&x", "http://h:9090", false),
    ] {
        assert_eq!(SecretUrl::new(url).without_password(), Some((without.to_owned(), had_one)));
    }
    for unreadable in
        ["host=h password='open", "u:pw@h/d", "https://token@h/p", "postgresql://u:p?w=x@y@h/d@z"]
    {
        let found = SecretUrl::new(unreadable).without_password();
        assert!(found.as_ref().is_none_or(|(text, _)| !text.contains("p?w")), "{unreadable}: {found:?}");
    }
    assert_eq!(SecretUrl::new("host=h password='open").without_password(), None);
    assert_eq!(SecretUrl::new("https://token@h/p").without_password(), None);
}

#[test]
fn a_password_is_masked_wherever_it_stands() {
    for (given, shown) in [
        ("postgresql://u:pw@h:5432/d", "postgresql://u:********@h:5432/d"),
        ("postgresql://u:p/w@x@h/d", "postgresql://u:********@h/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("redis://:pw@h:6379/0", "redis://:********@h:6379/0"),
        (
            "postgresql://h/d?password=pw&sslmode=require",
            "postgresql://h/d?password=********&sslmode=require",
        ),
        ("postgresql://u:p?w=x@h/d", "postgresql://u:********@h/d"),
        ("host=h password='a b' user=u", "host=h password=******** user=u"),
        ("host=h password=pw", "host=h password=********"),
        ("host=h\n password = 'a\\'b@c' user=u", "host=h\n password = ******** user=u"),
        ("u:pw@h:5432/d", "u:********@h:5432/d"),
        ("http://h/p?key=pw&x&y=", "http://h/p?key=********&********&y="),
        ("https://token@h/p", "https://********@h/p"),
        ("https://h/a@v1?key=a@b", "https://********@b"),
        ("tcp://u:pw@h:2375", "tcp://u:********@h:2375"),
        ("password='open a@b", "********"),
        ("h", "h"),
        ("postgresql://u:pw", "postgresql://u:********"),
        ("postgresql://u:pw/d?x#y", "postgresql://u:********"),
        ("postgresql://u:1pw,x", "postgresql://u:********"),
        ("u:pw", "u:********"),
        ("postgresql://h:5432,[::1]:5433/d", "postgresql://h:5432,[::1]:5433/d"),
        ("unix:///run/a:b", "unix:///run/a:b"),
        ("dbname=postgresql://u:pw@h/d user=u", "dbname=******** user=u"),
    ] {
        let url = SecretUrl::new(given);
        assert_eq!(url.to_string(), shown, "{given}");
        assert_eq!(format!("{url:?}"), shown);
        assert_eq!(serde_json::json!(url), serde_json::json!(shown));
    }
}
