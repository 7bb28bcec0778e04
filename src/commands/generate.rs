//! `completions` and `man`, generated from the definition of the command line.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::render::stdio;

/// Print a shell completion script
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ordctl completions bash > /etc/bash_completion.d/ordctl\n  ordctl completions zsh > ~/.zfunc/_ordctl\n  ordctl completions fish > ~/.config/fish/completions/ordctl.fish"
)]
pub(crate) struct Completions {
    /// Shell: bash, zsh or fish
    #[arg(value_parser = ["bash", "zsh", "fish"], hide_possible_values = true)]
    shell: String,
}

impl Completions {
    pub(crate) fn execute(&self) -> Result<u8, CliError> {
        let shell: Shell = self.shell.parse().map_err(CliError::usage)?;
        let mut out = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "ordctl", &mut out);
        stdio::data(&String::from_utf8_lossy(&out))?;
        Ok(exit::OK)
    }
}

/// Print the manual page or write all pages to a directory
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ordctl man | man -l -\n  ordctl man --dir /usr/local/share/man/man1")]
pub(crate) struct Man {
    /// Write the pages of all commands to this directory
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(crate) fn execute(&self) -> Result<u8, CliError> {
        let command = Cli::command().flatten_help(true);
        match &self.dir {
            Some(dir) => pages(dir, command)?,
            None => {
                let mut page = Vec::new();
                let rendered = clap_mangen::Man::new(command).render(&mut page);
                rendered.map_err(|e| CliError::failed("cannot render the manual page").because(e))?;
                stdio::data(&String::from_utf8_lossy(&page))?;
            }
        }
        Ok(exit::OK)
    }
}

fn pages(dir: &Path, command: clap::Command) -> Result<(), CliError> {
    std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(command, dir)).map_err(|e| {
        CliError::failed(format!("cannot write the manual pages to {}", dir.display())).because(e)
    })
}
