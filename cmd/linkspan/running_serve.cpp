#include "cmd/linkspan/running_serve.hpp"

#include "store/profile_lock.hpp"

#include <boost/json/parse.hpp>
#include <signal.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>

namespace linkspan
{
namespace
{

bool is_alive(std::int64_t pid)
{
    return pid > 0 && (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

struct running_state
{
    std::string listen;
    std::string public_url;
};

// Nothing where no serve runs, or its file says nothing of use: then the configuration decides.
std::optional<running_state> state_of_running(std::filesystem::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    boost::system::error_code failure;
    auto const document = boost::json::parse(text.str(), failure);
    auto const* object = failure ? nullptr : document.if_object();
    auto const* pid = object == nullptr ? nullptr : object->if_contains("pid");
    auto const* listen = object == nullptr ? nullptr : object->if_contains("listen");
    if (pid == nullptr || !pid->is_int64() || listen == nullptr || !listen->is_string() ||
        !is_alive(pid->get_int64()))
        return std::nullopt;
    running_state out;
    out.listen = listen->get_string();
    if (auto const* url = object->if_contains("public_url"); url != nullptr && url->is_string())
        out.public_url = url->get_string();
    return out;
}

std::string url_of(listen_address address)
{
    if (address.host.empty() || address.host == "0.0.0.0")
        address.host = "127.0.0.1";
    else if (address.host == "::")
        address.host = "::1";
    return "http://" + to_text(address);
}

}  // namespace

result<serve_address> find_serve(profile_paths const& paths)
{
    serve_address out;
    if (auto const state = state_of_running(paths.state / "serve.json"))
    {
        auto const address = parse_listen_address(state->listen);
        if (!address)
            return address.error();
        out.url = url_of(*address);
        out.listen = *address;
        out.public_url = state->public_url;
        out.is_running = true;
        return out;
    }
    auto const server = load_config(paths.config).config.server;
    out.url = url_of(server.listen);
    out.listen = server.listen;
    out.public_url = server.public_url;
    return out;
}

bool is_served(profile_paths const& paths)
{
    auto const lock = profile_lock::take(paths.database);
    return !lock && lock.error().code == errc::conflict;
}

}  // namespace linkspan
