#pragma once
#include "core/base/error.hpp"

#include <filesystem>

namespace linkspan
{

// The exclusive lock of a profile: a file beside the database, locked with flock(2) while the object lives
// and holding the pid of the process. The kernel releases it when the process ends, however it ends.
class profile_lock
{
public:
    // errc::conflict when another process holds it; the message names its pid.
    static result<profile_lock> take(std::filesystem::path const& database);

    profile_lock() = default;
    profile_lock(profile_lock&& other) noexcept;
    profile_lock& operator=(profile_lock&& other) noexcept;
    ~profile_lock();

private:
    explicit profile_lock(int fd) : fd_(fd) {}

    int fd_ = -1;
};

}  // namespace linkspan
