#include "tests/support/run_program.hpp"

#include "tests/support/environment.hpp"
#include "tests/support/patience.hpp"

#include <boost/json/parse.hpp>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

class descriptor
{
public:
    explicit descriptor(int fd = -1) : fd_(fd) {}
    ~descriptor() { close(); }
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;

    int get() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }
    void take(int fd)
    {
        close();
        fd_ = fd;
    }
    void close()
    {
        if (fd_ >= 0)
            ::close(fd_);
        fd_ = -1;
    }

private:
    int fd_;
};

struct pipe_pair
{
    descriptor read;
    descriptor write;

    pipe_pair()
    {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("cannot make a pipe");
        read.take(ends[0]);
        write.take(ends[1]);
    }
};

std::vector<char*> pointers(std::vector<std::string>& words)
{
    std::vector<char*> out;
    for (auto& word : words)
        out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

pid_t start(
    std::vector<std::string> const& arguments,
    std::map<std::string, std::string> const& variables,
    int in,
    int out,
    int err
)
{
    std::vector<std::string> words{LINKSPAN_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment;
    for (auto const& [name, value] : variables)
        environment.push_back(name + "=" + value);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out, 1);
    ::posix_spawn_file_actions_adddup2(&actions, err, 2);
    // Sockets of the test would stay open in the program when the test has closed them.
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    pid_t pid = 0;
    auto argv = pointers(words);
    auto envp = pointers(environment);
    int const failed = ::posix_spawn(&pid, LINKSPAN_PROGRAM, &actions, nullptr, argv.data(), envp.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        throw std::runtime_error("cannot start " LINKSPAN_PROGRAM);
    return pid;
}

int wait_for(pid_t pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR)
    {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Reads what is there; false at the end. A terminal ends with EIO.
bool drain(int fd, std::string& into)
{
    std::array<char, 4096> part{};
    auto const length = ::read(fd, part.data(), part.size());
    if (length < 0 && errno == EINTR)
        return true;
    if (length <= 0)
        return false;
    into.append(part.data(), static_cast<std::size_t>(length));
    return true;
}

// Polls until both outputs are at their end; on_text is called after each part that came.
template <class OnText>
void read_both(pid_t pid, int out, int err, program_run& into, OnText const& on_text)
{
    auto const end = std::chrono::steady_clock::now() + patience;
    std::array<pollfd, 2> watched{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
    while (watched[0].fd >= 0 || watched[1].fd >= 0)
    {
        if (std::chrono::steady_clock::now() > end)
        {
            ::kill(pid, SIGKILL);
            wait_for(pid);
            throw std::runtime_error("the program does not end; it said: " + into.out + into.err);
        }
        if (::poll(watched.data(), watched.size(), 1000) < 0)
            continue;
        if (watched[0].revents != 0 && !drain(out, into.out))
            watched[0].fd = -1;
        if (watched[1].revents != 0 && !drain(err, into.err))
            watched[1].fd = -1;
        on_text();
    }
}

}  // namespace

boost::json::value program_run::json() const
{
    return boost::json::parse(out);
}

program_profile::program_profile()
{
    std::string name = (std::filesystem::temp_directory_path() / "linkspan-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot make a temporary folder");
    folder_ = name;
    variables["HOME"] = (folder_ / "home").string();
    variables["XDG_CONFIG_HOME"] = (folder_ / "config").string();
    variables["XDG_DATA_HOME"] = (folder_ / "data").string();
    variables["XDG_STATE_HOME"] = (folder_ / "state").string();
    for (auto const* name_kept : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
        if (char const* const value = std::getenv(name_kept))
            variables[name_kept] = value;
}

program_profile::~program_profile()
{
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

program_run program_profile::run(std::vector<std::string> const& arguments, std::string_view input) const
{
    // A file and not a pipe: whatever the program reads or leaves, nothing blocks.
    auto const input_file = write("stdin", input);
    descriptor in(::open(input_file.c_str(), O_RDONLY | O_CLOEXEC));
    pipe_pair out;
    pipe_pair err;
    auto const pid = start(arguments, variables, in.get(), out.write.get(), err.write.get());
    out.write.close();
    err.write.close();
    program_run result;
    read_both(pid, out.read.get(), err.read.get(), result, [] {});
    result.code = wait_for(pid);
    return result;
}

program_run program_profile::run_on_terminal(
    std::vector<std::string> const& arguments, std::vector<typed_answer> const& answers
) const
{
    int primary = -1;
    int secondary = -1;
    if (::openpty(&primary, &secondary, nullptr, nullptr, nullptr) != 0)
        throw std::runtime_error("cannot open a terminal");
    descriptor master(primary);
    descriptor slave(secondary);
    ::fcntl(primary, F_SETFD, FD_CLOEXEC);
    ::fcntl(secondary, F_SETFD, FD_CLOEXEC);
    pipe_pair out;
    auto const pid = start(arguments, variables, secondary, out.write.get(), secondary);
    out.write.close();
    slave.close();
    program_run result;
    std::size_t next = 0;
    std::size_t looked_at = 0;
    auto const answer = [&]
    {
        while (next < answers.size())
        {
            auto const at = result.err.find(answers[next].after, looked_at);
            if (at == std::string::npos)
                return;
            looked_at = at + answers[next].after.size();
            auto const& text = answers[next++].text;
            if (::write(primary, text.data(), text.size()) < 0)
                return;
        }
    };
    read_both(pid, out.read.get(), primary, result, answer);
    result.code = wait_for(pid);
    return result;
}

std::string program_profile::run_on_screen(std::vector<std::string> const& arguments, unsigned short columns)
    const
{
    int primary = -1;
    int secondary = -1;
    winsize size = {};
    size.ws_col = columns;
    size.ws_row = 50;
    if (::openpty(&primary, &secondary, nullptr, nullptr, &size) != 0)
        throw std::runtime_error("cannot open a terminal");
    descriptor master(primary);
    descriptor slave(secondary);
    ::fcntl(primary, F_SETFD, FD_CLOEXEC);
    ::fcntl(secondary, F_SETFD, FD_CLOEXEC);
    pipe_pair unused;
    auto const pid = start(arguments, variables, secondary, secondary, secondary);
    unused.write.close();
    slave.close();
    program_run result;
    read_both(pid, primary, unused.read.get(), result, [] {});
    wait_for(pid);
    return result.out;
}

void program_profile::write_config(std::string_view text) const
{
    std::filesystem::create_directories(config().parent_path());
    write_file(config(), text);
}

std::filesystem::path program_profile::write(std::string const& name, std::string_view text) const
{
    write_file(folder_ / name, text);
    return folder_ / name;
}

}  // namespace linkspan::test
