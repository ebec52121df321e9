#include "tests/support/served_program.hpp"

#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <stdexcept>

namespace linkspan::test
{
namespace
{

std::filesystem::path log_file(program_profile const& profile)
{
    return profile.folder() / "serve.log";
}
std::filesystem::path output_file(program_profile const& profile)
{
    return profile.folder() / "serve.out";
}

}  // namespace

served_program::served_program(program_profile const& profile)
{
    std::filesystem::remove(profile.state() / "serve.json");
    std::vector<std::string> variables;
    for (auto const& [name, value] : profile.variables)
        variables.push_back(name + "=" + value);
    std::vector<char*> environment;
    for (auto& variable : variables)
        environment.push_back(variable.data());
    environment.push_back(nullptr);
    std::string program = LINKSPAN_PROGRAM;
    std::string command = "serve";
    char* arguments[] = {program.data(), command.data(), nullptr};

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    auto const out = output_file(profile).string();
    auto const log = log_file(profile).string();
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    // Sockets of the test would stay open in the program when the test has closed them.
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    int const failed =
        ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        throw std::runtime_error("cannot start " + program);

    auto const state = profile.state() / "serve.json";
    bool const told =
        eventually([&] { return std::filesystem::exists(state) || ::waitpid(pid_, nullptr, WNOHANG) != 0; });
    if (!told || !std::filesystem::exists(state))
        throw std::runtime_error("linkspan serve did not start:\n" + log_of(profile));
    auto const where = boost::json::parse(read_file(state));
    public_url_ = "http://" + std::string(where.at("listen").as_string());
    admin_url_ = "http://" + std::string(where.at("admin_listen").as_string());
}

served_program::~served_program()
{
    if (pid_ > 0)
        kill_hard();
}

void served_program::signal(int number) const
{
    ::kill(pid_, number);
}

int served_program::wait()
{
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void served_program::kill_hard()
{
    signal(SIGKILL);
    (void)wait();
}

std::string served_program::log_of(program_profile const& profile)
{
    return read_file(log_file(profile));
}

std::string served_program::output_of(program_profile const& profile)
{
    return read_file(output_file(profile));
}

}  // namespace linkspan::test
