use crate::runtime::Observer;
use crate::session::interactive::Session;
use std::io::{self, BufRead};

/// Takes inputs line by line from a reader, an unfinished one with the lines behind it. What is answered goes to
/// `out`. Whether every input was taken; an input that is refused ends nothing.
///
/// # Errors
/// The reader's.
pub fn script(
    session: &mut Session,
    reader: &mut dyn BufRead,
    observer: &mut dyn Observer,
    before_each: &dyn Fn(),
    out: &mut dyn FnMut(&str),
) -> io::Result<bool> {
    let (mut all_well, mut input) = (true, String::new());
    loop {
        let mut line = String::new();
        let over = reader.read_line(&mut line)? == 0;
        input += &line;
        let ends = line.trim().is_empty() || !Session::is_unfinished(input.trim_end_matches(['\n', '\r']));
        if !over && !ends {
            continue;
        }
        let text = std::mem::take(&mut input);
        if !text.trim().is_empty() {
            before_each();
            let answer = session.enter(&text, observer);
            all_well &= !answer.failed;
            if !answer.text.is_empty() {
                out(&format!("{}\n", answer.text));
            }
            if answer.quit {
                return Ok(all_well);
            }
        }
        if over {
            return Ok(all_well);
        }
    }
}
