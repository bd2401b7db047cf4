// One whole self-assessment through the phone's only door, as Kotlin sees it: real store, real server, real HTTP.
package vn.langnghe.story

import java.nio.file.Files
import java.nio.file.Path
import vn.langnghe.model.Answer
import vn.langnghe.model.AnswerRejected
import vn.langnghe.model.DocumentId
import vn.langnghe.model.FfiConverterTypeRating
import vn.langnghe.model.Rating
import vn.langnghe.phone.Cancel
import vn.langnghe.phone.Failure
import vn.langnghe.phone.InternalException
import vn.langnghe.phone.PaperStatus
import vn.langnghe.phone.Standing
import vn.langnghe.phone.StoreFailed

fun main() {
    val facts = Facts()
    val folder = Files.createTempDirectory("langnghe-story")
    try {
        OfficeProcess(System.getProperty("langnghe.office")).use { office ->
            Device(folder.resolve("phone")).use { phone ->
                Device(folder.resolve("tablet")).use { tablet -> tell(facts, office, phone, tablet) }
            }
        }
    } catch (thrown: Throwable) {
        facts.broke(thrown)
    } finally {
        remove(folder)
    }
    facts.close()
}

private fun tell(facts: Facts, office: OfficeProcess, phone: Device, tablet: Device) {
    crossing(facts)
    beforeEnrolment(facts, phone)
    joining(facts, office, phone, "phone")
    val paper = beginning(facts, office, phone)
    val typed = filling(facts, phone, paper)
    bell(facts, phone, paper)
    joining(facts, office, tablet, "tablet")
    disagreeing(facts, phone, tablet, paper, typed)
    submitting(facts, office, phone, tablet, paper)
    opinion(facts, office, tablet)
    withoutOffice(facts, office, phone, paper)
}

private fun remove(folder: Path) =
    Files.walk(folder).use { files -> files.sorted(Comparator.reverseOrder()).forEach(Files::delete) }

/** Library and bindings are of one build, and types of the trade cross as they are. */
private fun crossing(facts: Facts) {
    facts.fact("the library and the bindings belong together") {
        vn.langnghe.model.uniffiEnsureInitialized()
        vn.langnghe.phone.uniffiEnsureInitialized()
        true
    }
    facts.fact("every rating crosses the boundary and comes back as itself") {
        Rating.entries.all { FfiConverterTypeRating.lift(FfiConverterTypeRating.lower(it)) == it }
    }
}

/** Every refusal before the office is known is a typed one, and a wrong call leaves the phone usable. */
private fun beforeEnrolment(facts: Facts, device: Device) {
    facts.same("a new phone stands nowhere yet", Standing.New as Standing) { device.phone.standing() }
    facts.expect("SQLCipher log three lines with ERROR about a page that it cannot decrypt")
    facts.refused<Failure.Store>("another key does not open the store", { it.source is StoreFailed.WrongKey }) {
        device.opened(ByteArray(32) { 8 })
    }
    facts.refused<Failure.Store>("31 bytes are no key, and trying again does not help", { !it.retryable() }) {
        device.opened(ByteArray(31))
    }
    facts.refused<Failure.BadCode>("a text that is no enrolment code is refused", { !it.retryable() }) {
        Cancel().use { device.phone.enrol("không phải mã", it) }
    }
    facts.refused<Failure.NotEnrolled>("nothing is synchronised before enrolment", { !it.retryable() }) {
        device.synchronise()
    }
    facts.refused<InternalException>("a broken identity is a mistake of the app, not a crash") {
        device.phone.paper("không phải mã")
    }
    facts.same("after it the phone is as usable as before", Standing.New as Standing) { device.phone.standing() }
}

/** A one-time code, four words compared on both screens, and the directory. */
private fun joining(facts: Facts, office: OfficeProcess, device: Device, name: String) {
    val code = office.code()
    val waiting = Cancel().use { device.phone.enrol(code, it) } as Standing.Waiting
    facts.same("the $name shows four words while the office has not approved", 4) { waiting.words.size }
    facts.same("the $name still waits when it asks again", waiting as Standing) {
        Cancel().use(device.phone::checkEnrolment)
    }
    facts.fact("the office lets nobody in by other words than those of the $name") {
        office.approve(waiting.words.reversed()).startsWith("refused ")
    }
    facts.same("the office approves the words of the $name", "approved") { office.approve(waiting.words) }
    facts.fact("the $name learns that it is let in") {
        Cancel().use(device.phone::checkEnrolment) is Standing.Enrolled
    }
    facts.fact("the $name shows no words any more") {
        (device.phone.standing() as Standing.Enrolled).words == null
    }
    facts.fact("the $name fetches what the office tells everybody") {
        val summary = device.synchronise()
        summary.received > 0u && summary.waiting == 0uL && device.bell.steps.get() > 0
    }
    facts.same("the $name knows whose it is", office.cadre) {
        (device.phone.standing() as Standing.Enrolled).personName
    }
}

/** The cycle of the office, and the paper of this cadre in it. */
private fun beginning(facts: Facts, office: OfficeProcess, device: Device): DocumentId {
    val cycle = device.phone.cycles().single()
    facts.same("the phone lists the office's cycle", office.cycle) { cycle.title }
    facts.fact("its last day is written as people write it") { Regex("\\d{2}/\\d{2}/\\d{4}").matches(cycle.closes) }
    facts.same("no paper of it was begun", null) { cycle.paper }
    val paper = device.phone.beginSelfAssessment(cycle.cycle)
    facts.same("beginning it again finds the same paper", paper) { device.phone.beginSelfAssessment(cycle.cycle) }
    facts.same("the cycle names its paper now", paper) { device.phone.cycles().single().paper }
    facts.same("the list holds one draft", listOf(paper to PaperStatus.DRAFT)) {
        device.phone.papers(null, 10u).map { it.paper to it.status }
    }
    return paper
}

/** Question by question, with the app closed in the middle. Gives what was typed. */
private fun filling(facts: Facts, device: Device, paper: DocumentId): Map<String, Answer> {
    val cadre = Cadre(paper)
    rejections(facts, device, paper)
    facts.same("evidence for innovation is asked for only beside points", "g3_2") {
        device.phone.question(paper, "g3_1").next
    }
    cadre.fill(device.phone, device.phone.paper(paper).firstPage, "tasks")
    device.phone.turnTo(paper, "tasks")
    facts.refused<Failure.Incomplete>("half a form is not submitted; its first gap is named", { it.question == "tasks" }) {
        device.phone.submit(paper)
    }
    val before = device.phone.paper(paper)
    device.reopen()
    val after = device.phone.paper(paper)
    facts.same("the app reopens on the page where it was closed", "tasks") { after.position }
    facts.same("every answer is there after the app was closed", cadre.typed.toMap<String, Answer?>()) {
        cadre.typed.keys.associateWith { device.answer(paper, it) }
    }
    facts.same("progress and score so far are the same too", before) { after }
    cadre.fill(device.phone, after.position)
    completed(facts, device, paper, cadre)
    return cadre.typed
}

/** Each wrong answer is refused by its own type, and nothing of it is kept. */
private fun rejections(facts: Facts, device: Device, paper: DocumentId) {
    facts.refused<Failure.Rejected>("more points than a criterion has are refused", {
        it.source is AnswerRejected.AboveLimit && !it.retryable()
    }) { device.phone.recordAnswer(paper, "g1_1", Answer.Score(550u)) }
    facts.refused<Failure.Rejected>("points between two steps are refused, and the step is named", {
        (it.source as? AnswerRejected.NotAStep)?.stepHundredths == 50u
    }) { device.phone.recordAnswer(paper, "g1_1", Answer.Score(410u)) }
    facts.refused<Failure.Rejected>("a text is no answer to a question about points", {
        (it.source as? AnswerRejected.WrongKind)?.expected == "score"
    }) { device.phone.recordAnswer(paper, "g1_1", Answer.Text("bốn điểm")) }
    facts.refused<Failure.NotHere>("a question that the form does not have is not here") {
        device.phone.recordAnswer(paper, "g9_9", Answer.Score(100u))
    }
    facts.refused<Failure.LineRejected>("a task with more done than assigned is refused") {
        device.phone.recordTask(paper, Cadre.line(device.phone, "Tiếp công dân", 3u, 4u))
    }
    facts.same("nothing refused is kept", null) { device.answer(paper, "g1_1") }
}

private fun completed(facts: Facts, device: Device, paper: DocumentId, cadre: Cadre) {
    val view = device.phone.paper(paper)
    facts.fact("the filled form is complete") { view.isComplete && view.firstGap == null }
    facts.same("every question shown is answered", view.item.shown) { view.item.answered }
    facts.same("the pages walked are the pages that the core counts", cadre.pages.size.toUInt()) {
        device.phone.question(paper, cadre.pages.last()).pages
    }
    facts.same("the task table keeps its lines in their order", listOf(12u, 340u)) {
        view.lines.map { it.line?.assigned }
    }
    facts.fact("the score so far stands beside the level by it") {
        view.item.totalHundredths in 1u..10_000u && view.score != null && view.levelByScore != null
    }
    val line = Cadre.line(device.phone, "Việc ghi nhầm", 1u, 1u)
    device.phone.recordTask(paper, line)
    device.phone.removeTask(paper, line.id)
    device.phone.clearAnswer(paper, "explanation")
    facts.same("a removed line and a cleared answer are gone", 2 to null) {
        device.phone.paper(paper).lines.size to device.answer(paper, "explanation")
    }
    device.phone.recordAnswer(paper, "explanation", cadre.typed.getValue("explanation"))
}
