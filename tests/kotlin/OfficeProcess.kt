// The office of the story: the program `office` of the crate `tests`, spoken to in its plain lines.
package vn.langnghe.story

/** A real server in a process of its own. It ends when its input ends, so a story that dies leaves none behind. */
class OfficeProcess(program: String) : AutoCloseable {
    private val process = ProcessBuilder(program).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    private val answers = process.inputStream.bufferedReader()
    private val commands = process.outputStream.bufferedWriter()

    /** Whose phones it lets in, where it listens, and what it asks about. */
    val cadre = said("cadre ")
    val port = said("port ").toInt()
    val cycle = said("cycle ")

    init {
        said("ready")
    }

    /** A fresh one-time enrolment code. */
    fun code(): String = asked("code").removePrefix("code ")

    /** `approved`, or why not. */
    fun approve(words: List<String>): String = asked("approve ${words.joinToString(" ")}")

    /** Announces a round that is open today; its slips as they are typed, with commas between. */
    fun round(): String = asked("round").removePrefix("round ")

    /** The cadre's row of the score table, or `none`. */
    fun report(): String = asked("report").removePrefix("report ")

    /** Stops the server; its port is free afterwards. */
    override fun close() {
        if (process.isAlive) {
            asked("quit")
            process.waitFor()
        }
    }

    private fun asked(command: String): String {
        commands.write("$command\n")
        commands.flush()
        return line()
    }

    private fun said(beginning: String): String {
        val line = line()
        check(line.startsWith(beginning)) { "the office said `$line`, not `$beginning`" }
        return line.removePrefix(beginning)
    }

    private fun line(): String = checkNotNull(answers.readLine()) { "the office ended" }
}
