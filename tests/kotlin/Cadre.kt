// The cadre of the story: what somebody plausibly answers to each kind of question, page after page.
package vn.langnghe.story

import vn.langnghe.model.Answer
import vn.langnghe.model.DocumentId
import vn.langnghe.model.Question
import vn.langnghe.model.QuestionKind
import vn.langnghe.model.Reply
import vn.langnghe.model.TaskLine
import vn.langnghe.phone.Phone

/** Fills in one paper and remembers what was typed. */
class Cadre(private val paper: DocumentId) {
    /** What was typed, in the order of the pages. */
    val typed = LinkedHashMap<String, Answer>()

    /** The pages that were on the screen. */
    val pages = ArrayList<String>()

    /** Answers from this page on, as the core names the next one, and stops before the page `until`. */
    fun fill(phone: Phone, from: String?, until: String? = null) {
        var page = from
        while (page != null && page != until) {
            phone.turnTo(paper, page)
            val question = phone.question(paper, page).question
            if (question.kind is QuestionKind.TaskTable) {
                lines(phone).forEach { phone.recordTask(paper, it) }
            }
            answer(question)?.let {
                phone.recordAnswer(paper, page!!, it)
                typed[page!!] = it
            }
            pages += page
            // Asked after answering, because an answer can make another question appear.
            page = phone.question(paper, page).next
        }
    }

    private fun answer(question: Question): Answer? = when (val kind = question.kind) {
        is QuestionKind.ShortText -> Answer.Text("Đúng quy định")
        is QuestionKind.LongText -> Answer.Text("Hoàn thành đúng hạn.\nCó văn bản kèm theo (${question.key}).")
        is QuestionKind.Number -> Answer.Number(kind.min ?: "1")
        is QuestionKind.Choice -> Answer.Choice(kind.options.first().key)
        is QuestionKind.MultiChoice -> Answer.Options(listOf(kind.options.first().key))
        is QuestionKind.Likert5, is QuestionKind.Likert3 -> Answer.Level(3u)
        is QuestionKind.Score -> Answer.Score(kind.maxHundredths - kind.stepHundredths)
        is QuestionKind.YesNoNotApplicable -> Answer.YesNoNotApplicable(Reply.YES)
        is QuestionKind.Ratio -> Answer.Ratio(9u, 10u)
        is QuestionKind.Date -> Answer.Date("2026-11-30")
        is QuestionKind.Acknowledgement -> Answer.Acknowledged
        is QuestionKind.TaskTable, is QuestionKind.Note, is QuestionKind.Calculated, is QuestionKind.Unknown -> null
    }

    private fun lines(phone: Phone): List<TaskLine> = listOf(
        line(phone, "Tham mưu kế hoạch chuyển đổi số của xã", 12u, 12u),
        line(phone, "Giải quyết hồ sơ của người dân", 340u, 335u),
    )

    companion object {
        /** A line as it is typed, under a name that the core gave. */
        fun line(phone: Phone, name: String, assigned: UInt, done: UInt) = TaskLine(
            id = phone.newTask(),
            name = name,
            coefficientHundredths = 100u,
            assigned = assigned,
            done = done,
            qualityFailures = 1u,
            delays = 2u,
            isCauseObjective = false,
            evidence = "Sổ theo dõi năm 2026",
        )
    }
}
