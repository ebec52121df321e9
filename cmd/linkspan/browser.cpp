#include "cmd/linkspan/browser.hpp"

#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace linkspan
{
namespace
{

bool is_in_container(environment const& variables)
{
    std::error_code ignored;
    return variables("container") || std::filesystem::exists("/.dockerenv", ignored) ||
           std::filesystem::exists("/run/.containerenv", ignored);
}

std::string login_name()
{
    auto const* const entry = ::getpwuid(::getuid());
    return entry == nullptr || entry->pw_name == nullptr ? "user" : entry->pw_name;
}

// How the other end of an ssh session called this machine, else its own name.
std::string host_name(environment const& variables)
{
    // client address, client port, server address, server port
    if (auto const session = variables("SSH_CONNECTION"))
    {
        auto const last = session->rfind(' ');
        auto const before =
            last == 0 || last == session->npos ? session->npos : session->rfind(' ', last - 1);
        if (before != session->npos)
            return session->substr(before + 1, last - before - 1);
    }
    std::array<char, HOST_NAME_MAX + 1> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "host";
}

}  // namespace

std::string why_no_browser(environment const& variables)
{
    if (variables("BROWSER"))
        return {};
    if (variables("SSH_CONNECTION") || variables("SSH_TTY"))
        return "this is an ssh session";
    if (is_in_container(variables))
        return "this is a container";
    if (!variables("DISPLAY") && !variables("WAYLAND_DISPLAY"))
        return "there is no display";
    return {};
}

std::string ssh_line(environment const& variables, std::uint16_t port)
{
    auto const text = std::to_string(port);
    return "ssh -L " + text + ":localhost:" + text + " " + login_name() + "@" + host_name(variables);
}

opened_browser::~opened_browser()
{
    (void)has_failed();
}

bool opened_browser::open(std::string const& url)
{
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    // What it and the browser say is not for this command's output.
    for (int const fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    // Asio's sockets are inherited: a browser would keep the port that this command listens on.
    ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    // A group of its own: ctrl-c ends the command and not the browser.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    std::string program = "xdg-open";
    std::string argument = url;
    std::array<char*, 3> arguments = {program.data(), argument.data(), nullptr};
    bool const started =
        ::posix_spawnp(&pid_, program.c_str(), &actions, &attributes, arguments.data(), environ) == 0;
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (!started)
        pid_ = -1;
    return started;
}

bool opened_browser::has_failed()
{
    int status = 0;
    if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_)
        return false;
    pid_ = -1;
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

}  // namespace linkspan
