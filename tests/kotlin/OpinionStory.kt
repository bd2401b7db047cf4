// A resident's ballot through the phone's only door: slip, questions, box, delivery.
package vn.langnghe.story

import vn.langnghe.model.RoundState
import vn.langnghe.phone.BallotAnswer
import vn.langnghe.phone.Cancel
import vn.langnghe.phone.Failure
import vn.langnghe.phone.RoundItem
import vn.langnghe.phone.ShownSlip
import vn.langnghe.phone.Telling
import vn.langnghe.phone.promises

/** The office announces a round; a volunteer's phone hears of it, residents answer on it, and what is sealed travels. */
fun opinion(facts: Facts, office: OfficeProcess, device: Device) {
    facts.same("people are told ten things that nobody can promise", 10) { promises().notPromised.size }
    val slips = office.round().split(",")
    device.synchronise()
    val round = device.phone.rounds().single()
    facts.fact("the phone lists the round, open and consultative, with its two areas") {
        round.state == RoundState.OPEN && round.isConsultative && round.areas.size == 2 && round.seal == null
    }
    slip(facts, device, round, slips.first())
    ballots(facts, device, round, slips)
    sealed(facts, device, round, slips)
}

private fun typed(slip: String) = ShownSlip.Typed(slip)

private fun slip(facts: Facts, device: Device, round: RoundItem, slip: String) {
    val groups = slip.split(" ")
    facts.fact("each group of a slip is checked while it is typed, without a network") {
        groups.indices.all { device.phone.isSlipGroupRight(round.round, groups[it], (it + 1).toUInt()) }
    }
    facts.same("a wrong symbol is seen at once", false) {
        val wrong = if (groups[0][0] == 'A') "B" else "A"
        device.phone.isSlipGroupRight(round.round, wrong + groups[0].drop(1), 1u)
    }
    facts.refused<Failure.Slip>("a slip of nobody begins no ballot") {
        device.phone.beginBallot(round.round, typed("AAAA AAAA AAAA AAAA"))
    }
    facts.same("what may give somebody away is named", listOf(Telling.ADDRESS)) {
        device.phone.tellings("Nhà tôi ở ngõ 12")
    }
}

private fun ballots(facts: Facts, device: Device, round: RoundItem, slips: List<String>) {
    val phone = device.phone
    val questions = phone.beginBallot(round.round, typed(slips[0]))
    facts.fact("the first question has three ways to answer and none is chosen") {
        phone.ballotQuestion(0u).let { it.options.size == 3 && it.given == null }
    }
    phone.answerBallot(0u, BallotAnswer.Option(1u))
    phone.answerBallot(1u, BallotAnswer.Blank)
    device.reopen()
    facts.refused<Failure.NotHere>("after the app was closed nothing of the ballot can be read") {
        device.phone.ballotQuestion(0u)
    }
    facts.refused<Failure.AnswersWait>("another slip does not open it") {
        device.phone.beginBallot(round.round, typed(slips[1]))
    }
    facts.same("its own slip does, and the answers are there", listOf(BallotAnswer.Option(1u), BallotAnswer.Blank)) {
        device.phone.beginBallot(round.round, typed(slips[0]))
        listOf(0u, 1u).map { device.phone.ballotQuestion(it).given }
    }
    facts.same("erased and begun anew, no answer is left", null) {
        device.phone.startBallotOver()
        device.phone.ballotQuestion(0u).given
    }
    device.phone.castBallot()
    for (slip in slips.drop(1)) {
        device.phone.beginBallot(round.round, typed(slip))
        for (question in 0u until questions) device.phone.answerBallot(question, BallotAnswer.Option(0u))
        device.phone.castBallot()
    }
    facts.same("every ballot lies sealed in the box", slips.size.toUInt()) { device.phone.rounds().single().cast }
}

private fun sealed(facts: Facts, device: Device, round: RoundItem, slips: List<String>) {
    device.phone.noteIssued(round.round, round.areas.first().number, (1u..slips.size.toUInt()).toList())
    facts.fact("the sealed box says four groups of four for the telephone") {
        Regex("([A-Z2-9]{4} ){3}[A-Z2-9]{4}").matches(device.phone.sealBox(round.round).seal ?: "")
    }
    facts.refused<Failure.RoundClosed>("nothing is cast into a sealed box") {
        device.phone.beginBallot(round.round, typed(slips[0]))
    }
    device.synchronise()
    facts.fact("a moment is drawn for what travels by itself") { device.phone.nextDelivery() != null }
    facts.same("on the last day it travels at once", 1u) { Cancel().use(device.phone::deliver) }
    facts.same("nothing is forgotten before the server's list names it", slips.size.toUInt()) {
        device.phone.rounds().single().waiting
    }
}
