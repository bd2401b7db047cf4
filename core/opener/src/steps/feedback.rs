//! Rounds that take feedback at the terminal: their ceremony without slips, reading a batch, sealing the answers.

use std::path::{Path, PathBuf};

use model::feedback::Feedback;
use model::feedback::answers::{AnswerSheet, SHEET_BYTES_MAX};
use model::round::RoundDefinition;
use model::round::holder::HOLDERS;
use opener::ceremony;
use opener::desk::{Desk, complain, say};
use opener::failure::OpenerFailed;
use opener::files::read_limited;
use opener::folder::{announce, keep_batch, keep_intake, keep_ledger, keep_replies, keep_shares, ledger, write_again};
use opener::frozen::FrozenBox;
use opener::intake::keys::{IntakeFile, KEYS_BYTES_MAX};
use opener::intake::ledger::Ledger;
use opener::intake::reading::{Decision, Reading};
use opener::intake::{IntakeRefused, Reader, replying};
use opener::passphrase::{Passphrase, Stretch};
use opener::plan::RoundPlan;
use opener::unfinished::Unfinished;
use opener::{machine, words};

use super::counting::unlock;
use super::warn_of_the_machine;
use crate::arguments;

/// Holds the ceremony of a round that takes feedback: nothing is printed, so it ends here.
pub(super) fn hold(
    (plan, folder): (&RoundPlan, &Path),
    passphrases: &[Passphrase; HOLDERS],
    intake: &Passphrase,
) -> Result<(), OpenerFailed> {
    say("Đang lập khóa, xin đợi.");
    let mut random = machine::randomness();
    let ceremony = ceremony::hold(plan, passphrases, Stretch::USUAL, &mut random)?;
    let mut unfinished = Unfinished::default();
    let mut written = keep_shares(folder, &ceremony, &mut unfinished)?;
    if let Some(file) = ceremony.intake_file((intake, Stretch::USUAL), &mut random) {
        written.push(keep_intake(folder, &file, &mut unfinished)?);
    }
    written.push(announce(folder, &ceremony, &mut unfinished)?);
    unfinished.keep();
    written.iter().for_each(|path| say(&format!("Đã ghi {}", path.display())));
    say("Mỗi người giữ khóa cất phần của mình, người tiếp nhận cất tiep-nhan.lni; gửi cong-bo.lnr cho văn phòng.");
    Ok(())
}

/// Reads a batch and writes its packet.
pub(crate) fn read(asked: &arguments::Read) -> Result<(), OpenerFailed> {
    warn_of_the_machine();
    let so_far = FrozenBox::check_running(&asked.input)?;
    let mut desk = Desk::of(asked.script.file.as_deref())?;
    let reader = reader((&asked.intake, &asked.share), &so_far.input.round.definition, &mut desk)?;
    let (known, mended) = opened(asked, &so_far.input.round.definition, &reader)?;
    let mut random = machine::randomness();
    let reading = Reading::begin(&so_far, (&reader, mended), machine::today(), &mut random)?;
    keep_ledger(&asked.folder, (reading.begun(), reading.round(), &reader), known.as_ref(), &mut random)?;
    let count = reading.texts().len();
    say(&format!(
        "Có {count} góp ý, theo thứ tự ngẫu nhiên. Dừng giữa chừng thì không gói nào được ghi; lần sau đọc lại đúng các tờ này."
    ));
    let mut decisions = Vec::with_capacity(count);
    for (index, said) in reading.texts().iter().enumerate() {
        decisions.push(decide(&reading, (index, said), &desk)?);
    }
    let batch = reading.conclude(&reader, &decisions, &mut random)?;
    let path = keep_batch(&asked.folder, (&batch, &reading, &reader), &mut random)?;
    say(&format!("Đã ghi {}. Gửi tệp này cho văn phòng.", path.display()));
    Ok(())
}

/// Seals the office's answers under the codes that wait for them.
pub(crate) fn reply(asked: &arguments::Reply) -> Result<(), OpenerFailed> {
    warn_of_the_machine();
    let so_far = FrozenBox::check_running(&asked.read.input)?;
    let round = &so_far.input.round.definition;
    let sheet = AnswerSheet::read(&read_limited(&asked.answers, SHEET_BYTES_MAX)?);
    let sheet = sheet.map_err(|_| IntakeRefused::NoAnswers)?;
    let mut desk = Desk::of(asked.read.script.file.as_deref())?;
    let reader = reader((&asked.read.intake, &asked.read.share), round, &mut desk)?;
    let (known, mut mended) = opened(&asked.read, round, &reader)?;
    let known = known.ok_or(IntakeRefused::NoLedgerYet)?;
    let mut random = machine::randomness();
    replying::reply(&mut mended, (round, &sheet), machine::today(), &mut random)?;
    let path = keep_replies(&asked.read.folder, (&mended, round, &reader), &known, &mut random)?;
    say(&format!("Đã ghi {}. Gửi tệp này cho văn phòng để công bố.", path.display()));
    Ok(())
}

/// The ledger as it lies in the folder, and as it goes on from there.
fn opened(
    asked: &arguments::Read,
    round: &RoundDefinition,
    reader: &Reader,
) -> Result<(Option<Ledger>, Ledger), OpenerFailed> {
    let known = ledger(&asked.folder, round, reader)?;
    if known.is_none() && !asked.first {
        return Err(IntakeRefused::NoLedgerYet.into());
    }
    let mut mended = known.clone().unwrap_or_else(|| Ledger::begun(round));
    mended.mend(round, reader, machine::today())?;
    for path in write_again(&asked.folder, &mended)? {
        say(&format!("Lần trước bị ngắt: đã ghi lại {}", path.display()));
    }
    Ok((known, mended))
}

/// The intake with its file, or two holders with their shares.
fn reader(
    (intake, shares): (&Option<PathBuf>, &[PathBuf]),
    round: &RoundDefinition,
    desk: &mut Desk,
) -> Result<Reader, OpenerFailed> {
    let Some(path) = intake else { return Ok(Reader::of_holders(unlock(shares, round, None, desk)?)) };
    let file = IntakeFile::read(&read_limited(path, KEYS_BYTES_MAX)?, round)?;
    let names = round.intake.as_ref().map(|intake| intake.officers.join(", ")).unwrap_or_default();
    loop {
        match file.unlock(&desk.passphrase(&names)?) {
            Err(refused @ IntakeRefused::WrongPassphrase) if desk.can_try_again() => {
                complain(&words::of_failure(&refused.into()));
            }
            keys => return Ok(Reader::of_intake(keys?, round)?),
        }
    }
}

/// Asks until there is a decision that may stand.
fn decide(reading: &Reading, (index, said): (usize, &Feedback), desk: &Desk) -> Result<Decision, OpenerFailed> {
    say(&format!("\n— Góp ý {}: {} · {}", index + 1, said.topic.label(), said.about.label()));
    say(&said.content);
    if !said.proposal.is_empty() {
        say(&format!("Đề xuất: {}", said.proposal.as_str()));
    }
    loop {
        let decision = match desk.line("1 chuyển xử lý, 2 tố cáo hoặc khiếu nại, 3 ngoài thẩm quyền: ")?.trim()
        {
            "1" => {
                let screened = desk.line("Lời đã sàng lọc, bỏ hết tên, số nhà, chuyện riêng (một dòng): ")?.to_string();
                let paraphrase = desk.line("Tóm ý cho đơn vị được nói tới (một dòng): ")?.to_string();
                Decision::Case { text: screened, paraphrase, about: said.about }
            }
            "2" => Decision::Denounced,
            "3" => Decision::OutOfScope,
            _ => continue,
        };
        match reading.check(index, &decision) {
            Ok(()) => return Ok(decision),
            Err(refused) => complain(&words::of_failure(&refused.into())),
        }
    }
}
