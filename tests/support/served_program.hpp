#pragma once
#include "tests/support/run_program.hpp"

#include <sys/types.h>

#include <string>

namespace linkspan::test
{

// `linkspan serve` as a process of its own in a profile, for what ends processes. Its configuration must
// listen on port 0. Its log and its output stand in files of the profile.
class served_program
{
public:
    explicit served_program(program_profile const& profile);
    ~served_program();  // kill -9 where it still runs
    served_program(served_program const&) = delete;
    served_program& operator=(served_program const&) = delete;

    std::string public_url() const { return public_url_; }
    std::string admin_url() const { return admin_url_; }

    void signal(int number) const;
    // Waits for its end: the exit code, or 128 + the signal that ended it.
    int wait();
    void kill_hard();  // SIGKILL, and wait

    static std::string log_of(program_profile const& profile);
    static std::string output_of(program_profile const& profile);

private:
    pid_t pid_ = -1;
    std::string public_url_;
    std::string admin_url_;
};

}  // namespace linkspan::test
