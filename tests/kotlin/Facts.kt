// One line per fact, and the closing line that `cargo xtask check` counts.
package vn.langnghe.story

import kotlin.system.exitProcess

/** Counts what holds. A fact that throws does not hold, and the story goes on. */
class Facts {
    private var passed = 0
    private var failed = 0

    fun fact(sentence: String, holds: () -> Boolean) = same(sentence, true, holds)

    /** The found value is the expected one; a failed fact shows both. */
    fun <T> same(sentence: String, expected: T, found: () -> T) {
        val outcome = runCatching(found)
        when {
            outcome.isFailure -> failed(sentence, "it threw ${outcome.exceptionOrNull()}")
            outcome.getOrNull() == expected -> {
                passed += 1
                println("ok      $sentence")
            }
            else -> failed(sentence, "expected $expected, found ${outcome.getOrNull()}")
        }
    }

    /** The intent is refused in this very way. */
    inline fun <reified F : Throwable> refused(
        sentence: String,
        noinline fits: (F) -> Boolean = { true },
        noinline intent: () -> Any?,
    ) = same(sentence, F::class.simpleName to true) {
        val thrown = runCatching(intent).exceptionOrNull()
        if (thrown is F) F::class.simpleName to fits(thrown) else thrown.toString() to false
    }

    /** Announces what others write on the error output because of the next fact, so that nobody takes it for a fault. */
    fun expect(noise: String) = println("note    the next fact makes $noise; that is expected")

    /** The story itself broke off. */
    fun broke(thrown: Throwable) {
        failed("the story is told to its end", thrown.toString())
        thrown.printStackTrace()
    }

    fun close(): Nothing {
        println("$passed passed, $failed failed")
        exitProcess(if (failed == 0) 0 else 1)
    }

    private fun failed(sentence: String, why: String) {
        failed += 1
        println("FAILED  $sentence: $why")
    }
}
