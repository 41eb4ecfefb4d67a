//! The program from outside: arguments in, standard output, standard error and exit code out.
//! Each test has a folder of its own for its files and for the program's cache.

mod answers;
mod chains;
mod damage;
mod dumps;
mod generated;
mod lint;
