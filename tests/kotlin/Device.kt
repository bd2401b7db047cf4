// A device of the story: the phone's core over its two files, and the bell that it rings.
package vn.langnghe.story

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import vn.langnghe.model.Answer
import vn.langnghe.model.DocumentId
import vn.langnghe.model.SpaceId
import vn.langnghe.phone.Alarm
import vn.langnghe.phone.Cancel
import vn.langnghe.phone.ExchangeSummary
import vn.langnghe.phone.Listener
import vn.langnghe.phone.PaperStatus
import vn.langnghe.phone.Phone

/** What an app does when the core tells it something: it counts, and reads what it is asked to read. */
class Bell : Listener {
    val changes = AtomicInteger()
    val steps = AtomicInteger()
    val alarms = AtomicInteger()

    /** What the app does when papers changed. */
    @Volatile
    var whenChanged: () -> Unit = {}

    override fun changed(spaces: List<SpaceId>) {
        changes.incrementAndGet()
        whenChanged()
    }

    override fun progressed(sent: ULong, waiting: ULong, received: ULong) {
        steps.incrementAndGet()
    }

    override fun alarmed(alarm: Alarm) {
        alarms.incrementAndGet()
    }
}

/** A phone or a tablet; closing and opening it again is what the system does to an app. */
class Device(private val folder: Path) : AutoCloseable {
    val bell = Bell()
    var phone: Phone
        private set

    init {
        Files.createDirectories(folder)
        phone = opened(KEY)
    }

    fun opened(key: ByteArray): Phone =
        Phone.open(folder.resolve("store.db").toString(), folder.resolve("incarnation").toString(), key, bell)

    fun reopen() {
        phone.close()
        phone = opened(KEY)
    }

    fun synchronise(): ExchangeSummary = Cancel().use(phone::synchronise)

    fun answer(paper: DocumentId, question: String): Answer? = phone.question(paper, question).answer

    fun status(paper: DocumentId): PaperStatus = phone.paper(paper).item.status

    override fun close() = phone.close()

    companion object {
        /** The platform's key store unwraps one; 32 bytes. */
        val KEY = ByteArray(32) { 7 }
    }
}
