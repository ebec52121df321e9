#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace linkspan::test
{

// A program of the tests in a process of its own, with its standard output thrown away.
class child_process
{
public:
    explicit child_process(std::vector<std::string> command);
    ~child_process();  // kill -9 where it still runs
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;

    pid_t pid() const { return pid_; }

    // Waits for its end: the exit code, or 128 + the signal that ended it.
    int wait();

private:
    pid_t pid_ = -1;
};

}  // namespace linkspan::test
