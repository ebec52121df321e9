#include "tests/support/slack_double.hpp"

#include "tests/support/running_app.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <stdexcept>

extern char** environ;

namespace linkspan::test
{
namespace
{

// The program listens on every interface; what is loaded before it binds loopback alone.
constexpr char loopback_only[] =
    "const net = require('net'), listen = net.Server.prototype.listen;\n"
    "net.Server.prototype.listen = function (port, host, ...rest) {\n"
    "  if (typeof port !== 'number' || typeof host === 'string') return listen.call(this, port, host, "
    "...rest);\n"
    "  return listen.call(this, port, '127.0.0.1', ...(host ? [host] : []), ...rest);\n"
    "};\n";

std::uint16_t free_port()
{
    boost::asio::io_context loop;
    boost::asio::ip::tcp::acceptor taken(loop, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return taken.local_endpoint().port();
}

}  // namespace

bool slack_double::is_installed()
{
    char const* const program = std::getenv("LINKSPAN_EMULATE");
    return program != nullptr && std::filesystem::exists(program);
}

slack_double::slack_double()
{
    auto const port = free_port();
    base_url_ = "http://127.0.0.1:" + std::to_string(port);
    write_file(folder_.path() / "loopback.cjs", loopback_only);
    write_file(
        folder_.path() / "seed.yaml",
        "tokens: {" + token() +
            ": {login: ana, scopes: [chat:write]}}\n"
            "slack: {team: {name: Probe, domain: probe}, users: [{name: ana, email: ana@example.com}], "
            "channels: [{name: builds}]}\n"
    );
    std::vector<std::string> words = {
        "node",
        "-r",
        (folder_.path() / "loopback.cjs").string(),
        std::getenv("LINKSPAN_EMULATE"),
        "start",
        "--service",
        "slack",
        "--port",
        std::to_string(port),
        "--seed",
        (folder_.path() / "seed.yaml").string()};
    std::vector<char*> arguments;
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    auto const log = (folder_.path() / "log").string();
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int const failed = ::posix_spawnp(&pid_, "node", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        throw std::runtime_error("cannot start node");
    if (!eventually([&] { return get(base_url_ + "/").status != 0 || ::waitpid(pid_, nullptr, WNOHANG) != 0; }
        ) ||
        get(base_url_ + "/").status == 0)
        throw std::runtime_error("the Slack double did not start:\n" + read_file(log));
}

slack_double::~slack_double()
{
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::string slack_double::call(std::string const& method, std::string const& form) const
{
    http_request request("POST", api_url() + method);
    request.headers.push_back({"Authorization", "Bearer " + token()});
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.body = form;
    return exchange_with(std::move(request)).body;
}

std::string slack_double::channel_id(std::string const& name) const
{
    auto const listed = boost::json::parse(call("conversations.list", "limit=100"));
    for (auto const& channel : listed.at("channels").as_array())
        if (channel.at("name") == boost::json::string_view(name))
            return std::string(channel.at("id").as_string());
    throw std::runtime_error("the Slack double has no channel " + name);
}

std::size_t slack_double::count_messages(std::string const& channel) const
{
    std::size_t count = 0;
    std::string cursor;
    do
    {
        auto const page = boost::json::parse(
            call("conversations.history", "channel=" + channel + "&limit=100&cursor=" + cursor)
        );
        count += page.at("messages").as_array().size();
        auto const* next = page.as_object().if_contains("response_metadata");
        cursor = next != nullptr && next->as_object().contains("next_cursor")
                     ? std::string(next->at("next_cursor").as_string())
                     : std::string();
    } while (!cursor.empty());
    return count;
}

}  // namespace linkspan::test
