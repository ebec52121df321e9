#pragma once
#include "tests/support/run_program.hpp"

#include <sys/types.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace linkspan::test
{

// The program as it runs in a profile: what it has said so far can be read, and it can be typed to. Not a
// terminal.
class running_program
{
public:
    running_program(program_profile const& profile, std::vector<std::string> const& arguments);
    // Another program, which is looked for as a shell does, in the environment of the test.
    explicit running_program(std::vector<std::string> command);
    ~running_program();  // kill -9 where it still runs
    running_program(running_program const&) = delete;
    running_program& operator=(running_program const&) = delete;

    void type(std::string const& line);  // with its line end
    void end_input();
    void signal(int number) const;

    // Waits until the text stands on standard output (or error), and gives the rest of its line; throws where
    // the program ends without it.
    std::string wait_for_out(std::string const& text) { return wait_for(said_.out, text); }
    std::string wait_for_err(std::string const& text) { return wait_for(said_.err, text); }

    std::string err() const;
    program_run wait();

private:
    void start(std::vector<std::string> words, char* const* environment);
    std::string wait_for(std::string& in, std::string const& text);
    void read(int fd, std::string& into);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    program_run said_;
    int open_outputs_ = 2;
    pid_t pid_ = -1;
    int input_ = -1;
    std::thread out_reader_;
    std::thread err_reader_;
};

}  // namespace linkspan::test
