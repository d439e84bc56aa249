//! Finding out who sits at the keyboard.

use std::path::Path;

use nix::unistd::{Uid, User};

use crate::{
    config::Env,
    domain::operator::{Operator, key_of_session},
};

/// What the machine knows of the person.
pub struct Session<'a> {
    /// Environment variables.
    pub env: &'a Env<'a>,
    /// Reads a small file.
    pub read: &'a dyn Fn(&Path) -> Option<String>,
    /// Login name.
    pub login: Option<String>,
    /// User id.
    pub uid: u32,
}

impl Session<'_> {
    /// The most personal name there is: the SSH key that opened the session (many people may
    /// share one account), who called `sudo`, the login name, the user id.
    #[must_use]
    pub fn operator(&self) -> Option<Operator> {
        self.key()
            .or_else(|| (self.env)("SUDO_USER").and_then(|name| Operator::new(&name)))
            .or_else(|| self.login.as_deref().and_then(Operator::new))
            .or_else(|| Operator::new(&format!("uid {}", self.uid)))
    }

    fn key(&self) -> Option<Operator> {
        let path = (self.env)("SSH_USER_AUTH").filter(|path| !path.is_empty())?;
        let key = key_of_session(&(self.read)(Path::new(&path))?)?;
        Operator::new(&key)
    }
}

/// The session of this process.
#[must_use]
pub fn this_process<'a>(env: &'a Env<'a>) -> Session<'a> {
    let uid = Uid::current();
    let login = User::from_uid(uid).ok().flatten().map(|user| user.name);
    Session { env, read: &|path| std::fs::read_to_string(path).ok(), login, uid: uid.as_raw() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n";

    fn who(variables: &[(&str, &str)], auth: &str, login: Option<&str>) -> String {
        let env = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let read = |path: &Path| (path == Path::new("/auth")).then(|| auth.to_owned());
        let session = Session { env: &env, read: &read, login: login.map(str::to_owned), uid: 1000 };
        session.operator().unwrap().name().to_string()
    }

    #[test]
    fn the_most_personal_name_wins() {
        let all = [("SSH_USER_AUTH", "/auth"), ("SUDO_USER", "mina")];
        assert_eq!(who(&all, KEY, Some("root")), "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
        assert_eq!(who(&all, "password\n", Some("root")), "mina");
        assert_eq!(who(&[("SSH_USER_AUTH", "/gone")], KEY, Some("joon")), "joon");
        assert_eq!(who(&[("SUDO_USER", "")], "", Some("joon")), "joon");
        assert_eq!(who(&[], "", None), "uid 1000");
    }

    #[test]
    fn this_process_has_a_name() {
        assert!(this_process(&|_| None).operator().is_some());
    }
}
