#include "cmd/linkspan/running_serve.hpp"

#include "cmd/linkspan/config.hpp"

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

// Nothing where no serve runs, or its file says nothing of use: then the configuration decides.
std::optional<std::string> listen_of_running(std::filesystem::path const& file)
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
    return std::string(listen->get_string());
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
    if (auto const listen = listen_of_running(paths.state / "serve.json"))
    {
        auto const address = parse_listen_address(*listen);
        if (!address)
            return address.error();
        out.url = url_of(*address);
        out.is_running = true;
        return out;
    }
    out.url = url_of(load_config(paths.config).config.server.listen);
    return out;
}

}  // namespace linkspan
