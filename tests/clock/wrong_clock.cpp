// Preloaded (LD_PRELOAD), it makes the wall clock of a process wrong by RMT_CLOCK_OFF seconds, whoever asks: .NET (clock_gettime) as SQLite (gettimeofday).
// Stopwatches (CLOCK_MONOTONIC and the like) stay right, as where a machine's time was set badly.

#include <cstdlib>
#include <ctime>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

time_t off()
{
    static const time_t seconds = [] {
        const char* text = std::getenv("RMT_CLOCK_OFF");
        return text ? std::strtol(text, nullptr, 10) : 0;
    }();
    return seconds;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept
{
    const long result = syscall(SYS_clock_gettime, clock, now);     // not libc's own, which has this name
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += off();
    return static_cast<int>(result);
}

extern "C" int gettimeofday(timeval* __restrict now, void* __restrict) noexcept
{
    timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

extern "C" time_t time(time_t* now) noexcept
{
    timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    if (now) *now = precise.tv_sec;
    return precise.tv_sec;
}
