//! `[jit]`: what people get without anyone's doing (config floor).

use super::section;

section! {
    /// `[jit]`
    Jit = "jit" {
        /// Organizations that everyone joins, each as `NAME=ROLE`.
        organizations: Vec<String>;
        /// E-mails that make a server admin.
        admin_emails: Vec<String>;
    }
}
