#include "store/profile_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>

namespace linkspan
{

result<profile_lock> profile_lock::take(std::filesystem::path const& database)
{
    // One lock for one database, by whichever link it is reached: two daemons would both checkpoint.
    std::error_code fault;
    auto const whole = std::filesystem::weakly_canonical(database, fault);
    auto const file = (fault ? database : whole).string() + ".lock";
    // No link is followed: in a folder that others may write, it would empty a file of theirs to choose.
    int const fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error(errc::unavailable, "open " + file + ": " + std::strerror(errno));
    profile_lock held(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    {
        std::array<char, 32> text{};
        auto const length = ::pread(fd, text.data(), text.size() - 1, 0);
        std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
        pid.erase(pid.find_last_not_of(" \n") + 1);
        return error(
            errc::conflict,
            "this profile is in use by process " + (pid.empty() ? std::string("?") : pid) + " (" + file + ")"
        );
    }
    auto const pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0)
        return error(errc::unavailable, "write " + file + ": " + std::strerror(errno));
    return held;
}

profile_lock::profile_lock(profile_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

profile_lock& profile_lock::operator=(profile_lock&& other) noexcept
{
    std::swap(fd_, other.fd_);
    return *this;
}

profile_lock::~profile_lock()
{
    if (fd_ >= 0)
        ::close(fd_);
}

}  // namespace linkspan
