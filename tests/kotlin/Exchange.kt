// The second half of the story: two devices of one cadre, the submission, and an office that does not answer.
package vn.langnghe.story

import java.net.ServerSocket
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTimedValue
import vn.langnghe.model.Answer
import vn.langnghe.model.DocumentId
import vn.langnghe.model.Gap
import vn.langnghe.phone.Cancel
import vn.langnghe.phone.Delivery
import vn.langnghe.phone.ExchangeFailed
import vn.langnghe.phone.Failure
import vn.langnghe.phone.HistoryAct
import vn.langnghe.phone.PaperStatus

/** An exchange without a reply would end after a minute by itself; a cancelled one ends within this. */
private val PROMPTLY = 10.seconds

/** The bell is rung with every lock free, and an app that throws in it loses nothing. */
fun bell(facts: Facts, device: Device, paper: DocumentId) {
    var seen: Answer? = null
    device.bell.whenChanged = { seen = device.answer(paper, "explanation") }
    val answer = Answer.Text("Có hai việc chậm do chờ ý kiến của cấp trên.")
    device.phone.recordAnswer(paper, "explanation", answer)
    facts.same("the app reads the new answer from within its listener", answer as Answer?) { seen }
    device.bell.whenChanged = { error("the screen is gone") }
    facts.expect("the library print a panic, \"the screen is gone\", which the core catches")
    facts.same("an app whose listener throws still has its answer saved", answer as Answer?) {
        device.phone.recordAnswer(paper, "strengths", answer)
        device.answer(paper, "strengths")
    }
    device.bell.whenChanged = {}
    facts.fact("four threads write and read at once, and none of them fails") { crowd(device, paper) }
}

private fun crowd(device: Device, paper: DocumentId): Boolean {
    val threads = Executors.newFixedThreadPool(4)
    try {
        val work = (1..4).map { thread ->
            Callable {
                (1..3).all { round ->
                    device.phone.recordAnswer(paper, "weaknesses", Answer.Text("Luồng $thread, lần $round"))
                    device.phone.paper(paper).isComplete
                }
            }
        }
        return threads.invokeAll(work).all { it.get() }
    } finally {
        threads.shutdown()
    }
}

/** Phone and tablet change the same answer without network; both sides are shown, one tap settles. */
fun disagreeing(facts: Facts, phone: Device, tablet: Device, paper: DocumentId, typed: Map<String, Answer>) {
    phone.synchronise()
    tablet.synchronise()
    facts.same("the tablet finds the paper that the phone began", listOf(paper)) {
        tablet.phone.papers(null, 10u).map { it.paper }
    }
    val words = setOf("strengths", "weaknesses", "explanation")
    facts.same("every answer of the phone is on the tablet", typed - words) {
        (typed.keys - words).associateWith { tablet.answer(paper, it) }
    }
    facts.same("so are its score and its task lines", phone.phone.paper(paper).let { it.score to it.lines }) {
        tablet.phone.paper(paper).let { it.score to it.lines }
    }
    phone.phone.recordAnswer(paper, "g1_1", Answer.Score(500u))
    tablet.phone.recordAnswer(paper, "g1_1", Answer.Score(400u))
    listOf(phone, tablet, phone).forEach { it.synchronise() }
    listOf("phone" to phone, "tablet" to tablet).forEach { (name, device) -> bothSides(facts, device, paper, name) }
    val dispute = phone.phone.paper(paper).disputes.single()
    phone.phone.settle(paper, dispute.field, dispute.sides.single { it.isOwnDevice }.by)
    listOf(phone, tablet).forEach { it.synchronise() }
    facts.same("one tap on the phone settles it on the tablet too", Answer.Score(500u) to 0) {
        tablet.answer(paper, "g1_1") to tablet.phone.paper(paper).disputes.size
    }
}

private fun bothSides(facts: Facts, device: Device, paper: DocumentId, name: String) {
    val question = device.phone.question(paper, "g1_1")
    facts.same("the $name shows both values", setOf("5,00", "4,00")) {
        question.dispute?.sides?.map { it.value }?.toSet()
    }
    facts.same("the $name says which side was typed on it", if (name == "phone") "5,00" else "4,00") {
        question.dispute?.sides?.single { it.isOwnDevice }?.value
    }
    facts.same("on the $name a disputed question counts as unanswered", null to Gap.Conflicted) {
        question.answer to question.gap
    }
    facts.refused<Failure.Incomplete>("the $name submits nothing that is disputed", { it.question == "g1_1" }) {
        device.phone.submit(paper)
    }
}

/** The status words in their order, the receipt, and the office's report. */
fun submitting(facts: Facts, office: OfficeProcess, phone: Device, tablet: Device, paper: DocumentId) {
    facts.same("before the submission the word is Đang làm", PaperStatus.DRAFT) { phone.status(paper) }
    phone.phone.submit(paper)
    facts.same("after it the word is Chờ gửi", PaperStatus.WAITING) { phone.status(paper) }
    facts.fact("the submission is sent, and nothing waits any more") {
        val summary = phone.synchronise()
        summary.sent == 1uL && summary.waiting == 0uL && summary.bytesUp > 0u
    }
    facts.same("with the server's receipt it is Máy chủ đã nhận", PaperStatus.RECEIVED) { phone.status(paper) }
    tablet.synchronise()
    facts.same("the tablet shows the same word", PaperStatus.RECEIVED) { tablet.status(paper) }
    facts.same("the history tells of one submission, received and in force", listOf(Triple(Delivery.RECEIVED, true, office.cadre))) {
        submissions(phone, paper).map { Triple(it.delivery, it.counts, it.personName) }
    }
    facts.fact("its receipt has a number") { (submissions(phone, paper).single().receiptNumber ?: 0uL) > 0uL }
    facts.same("phone and tablet tell one history", phone.phone.history(paper).map { it.entry }.toSet()) {
        tablet.phone.history(paper).map { it.entry }.toSet()
    }
    val points = checkNotNull(phone.phone.paper(paper).item.totalHundredths).toInt()
    facts.fact("the office's report shows the points that the phone shows") {
        "\"%d,%02d\"".format(points / 100, points % 100) in office.report()
    }
    phone.phone.recordAnswer(paper, "explanation", Answer.Text("Bổ sung sau khi đã nộp."))
    facts.same("an edit after the submission is shown as not included", 1u) { phone.phone.paper(paper).item.lateEdits }
    phone.phone.submit(paper)
    facts.same("submitting again is a correction that waits", listOf(false to Delivery.RECEIVED, true to Delivery.WAITING)) {
        submissions(phone, paper).map { (it.act as HistoryAct.Submitted).isCorrection to it.delivery }
    }
}

private fun submissions(device: Device, paper: DocumentId) =
    device.phone.history(paper).filter { it.act is HistoryAct.Submitted }

/** Nobody answers: first no server at all, then one that takes the call and says nothing. */
fun withoutOffice(facts: Facts, office: OfficeProcess, phone: Device, paper: DocumentId) {
    facts.refused<Failure.OtherOffice>("a phone of one office is not enrolled at another", { !it.retryable() }) {
        val elsewhere = "langnghe:1?a=http://127.0.0.1:1&k=${"A".repeat(52)}&c=${"A".repeat(26)}"
        Cancel().use { phone.phone.enrol(elsewhere, it) }
    }
    office.close()
    phone.reopen()
    facts.same("a submission waits through a restart of the app", PaperStatus.WAITING) { phone.status(paper) }
    facts.refused<Failure.Exchange>("without a server the exchange says so, and that it may be tried again", {
        it.source is ExchangeFailed.Unreachable && it.retryable()
    }) { phone.synchronise() }
    facts.refused<Failure.Exchange>("an exchange that was cancelled before it began does not begin", {
        it.source is ExchangeFailed.Cancelled
    }) { Cancel().use { it.cancel(); phone.phone.synchronise(it) } }
    ServerSocket(office.port).use { silent -> cancelling(facts, phone, paper, silent) }
    facts.same("what was not sent waits", PaperStatus.WAITING) { phone.status(paper) }
}

private fun cancelling(facts: Facts, phone: Device, paper: DocumentId, silent: ServerSocket) {
    val thread = Executors.newSingleThreadExecutor()
    Cancel().use { cancel ->
        val exchange = thread.submit(Callable { runCatching { phone.phone.synchronise(cancel) } })
        silent.soTimeout = PROMPTLY.inWholeMilliseconds.toInt()
        silent.accept().use {
            facts.same("while it is on its way the word is Đang gửi", PaperStatus.SENDING) { phone.status(paper) }
            facts.refused<Failure.Exchange>("a second exchange beside it says at once that one is under way", {
                it.source is ExchangeFailed.UnderWay && it.retryable()
            }) { phone.synchronise() }
            cancel.cancel()
            val (ended, took) = measureTimedValue { exchange.get() }
            facts.refused<Failure.Exchange>("cancelling ends the exchange as cancelled, to be tried again", {
                it.source is ExchangeFailed.Cancelled && it.retryable()
            }) { ended.getOrThrow() }
            facts.fact("it ends promptly") { took < PROMPTLY }
        }
    }
    thread.shutdown()
}
