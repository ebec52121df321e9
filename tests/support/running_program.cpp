#include "tests/support/running_program.hpp"

#include "tests/support/patience.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace linkspan::test
{
namespace
{

std::array<int, 2> make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("cannot make a pipe");
    return ends;
}

// Ends with a null, as exec takes arguments and environments.
std::vector<char*> pointers_to(std::vector<std::string>& words)
{
    std::vector<char*> out;
    for (auto& word : words)
        out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

}  // namespace

running_program::running_program(program_profile const& profile, std::vector<std::string> const& arguments)
{
    std::vector<std::string> words{LINKSPAN_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables;
    for (auto const& [name, value] : profile.variables)
        variables.push_back(name + "=" + value);
    auto const envp = pointers_to(variables);
    start(std::move(words), envp.data());
}

running_program::running_program(std::vector<std::string> command)
{
    start(std::move(command), environ);
}

void running_program::start(std::vector<std::string> words, char* const* environment)
{
    auto const argv = pointers_to(words);
    auto const in = make_pipe();
    auto const out = make_pipe();
    auto const err = make_pipe();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    ::posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    // Sockets of the test would stay open in the program when the test has closed them.
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    int const failed = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environment);
    ::posix_spawn_file_actions_destroy(&actions);
    for (int const fd : {in[0], out[1], err[1]})
        ::close(fd);
    if (failed != 0)
        throw std::runtime_error("cannot start " + words.front());
    input_ = in[1];
    out_reader_ = std::thread([this, fd = out[0]] { read(fd, said_.out); });
    err_reader_ = std::thread([this, fd = err[0]] { read(fd, said_.err); });
}

running_program::~running_program()
{
    if (pid_ > 0)
    {
        ::kill(pid_, SIGKILL);
        (void)wait();
    }
}

void running_program::read(int fd, std::string& into)
{
    std::array<char, 4096> part{};
    for (;;)
    {
        auto const length = ::read(fd, part.data(), part.size());
        if (length < 0 && errno == EINTR)
            continue;
        std::lock_guard const lock(mutex_);
        changed_.notify_all();
        if (length <= 0)
            break;
        into.append(part.data(), static_cast<std::size_t>(length));
    }
    ::close(fd);
    std::lock_guard const lock(mutex_);
    --open_outputs_;
    changed_.notify_all();
}

std::string running_program::wait_for(std::string& in, std::string const& text)
{
    std::unique_lock lock(mutex_);
    auto const line = [&]() -> std::string
    {
        auto const at = in.find(text);
        auto const end = at == in.npos ? in.npos : in.find('\n', at + text.size());
        if (at == in.npos || (end == in.npos && open_outputs_ == 2))
            return "";
        return " " + in.substr(at + text.size(), end == in.npos ? in.npos : end - at - text.size());
    };
    bool const came =
        changed_.wait_for(lock, patience, [&] { return !line().empty() || open_outputs_ == 0; });
    if (!came || line().empty())
        throw std::runtime_error(
            "the program did not say \"" + text + "\", but:\n" + said_.out + "\n" + said_.err
        );
    return line().substr(1);
}

std::string running_program::err() const
{
    std::lock_guard const lock(mutex_);
    return said_.err;
}

void running_program::type(std::string const& line)
{
    auto const text = line + "\n";
    if (::write(input_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("the program takes no input");
}

void running_program::end_input()
{
    if (input_ >= 0)
        ::close(std::exchange(input_, -1));
}

void running_program::signal(int number) const
{
    ::kill(pid_, number);
}

program_run running_program::wait()
{
    {
        std::unique_lock lock(mutex_);
        bool const ended = changed_.wait_for(lock, patience, [&] { return open_outputs_ == 0; });
        if (!ended)
            ::kill(pid_, SIGKILL);
    }
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    out_reader_.join();
    err_reader_.join();
    end_input();
    said_.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return said_;
}

}  // namespace linkspan::test
