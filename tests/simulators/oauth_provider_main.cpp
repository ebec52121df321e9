// A simulated Bitbucket as a program: prints one line of JSON with its addresses and serves until SIGTERM,
// SIGINT, or the end of its standard input.
#include "tests/simulators/oauth_provider.hpp"
#include "tests/support/tls_proxy.hpp"

#include <boost/json/serialize.hpp>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <iostream>
#include <optional>
#include <string_view>

using namespace linkspan::test;

namespace
{

constexpr std::string_view usage =
    "usage: oauth_provider [--data-center] [--callback URL] [--port N] [--token-bytes N]\n";

bool read_number(std::string_view text, auto& number)
{
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size();
}

std::optional<provider_settings> settings_of(int count, char** arguments)
{
    bool const is_center = count > 1 && std::string_view(arguments[1]) == "--data-center";
    auto settings = is_center ? provider_settings::data_center() : provider_settings::cloud();
    for (int i = is_center ? 2 : 1; i < count; i += 2)
    {
        std::string_view const name = arguments[i];
        if (i + 1 == count)
            return std::nullopt;
        std::string_view const value = arguments[i + 1];
        bool good = false;
        if (name == "--callback")
            good = !(settings.callback_url = value).empty();
        else if (name == "--port")
            good = read_number(value, settings.port);
        else if (name == "--token-bytes")
            good = read_number(value, settings.rules.access_token_bytes);
        if (!good)
            return std::nullopt;
    }
    return settings;
}

void wait_for_the_end(int signals)
{
    std::array<pollfd, 2> watched = {pollfd{signals, POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
    std::array<char, 256> ignored;
    for (;;)
    {
        ::poll(watched.data(), watched.size(), -1);
        if (watched[0].revents != 0)
            return;
        if (watched[1].revents != 0 && ::read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0)
            return;
    }
}

}  // namespace

int main(int count, char** arguments)
{
    auto const settings = settings_of(count, arguments);
    if (!settings)
    {
        std::cerr << usage;
        return 2;
    }
    // Before any thread begins: each has the mask of the one that made it.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    int const signals = ::signalfd(-1, &ends, SFD_CLOEXEC);

    bool const is_cloud = settings->kind == provider_kind::cloud;
    oauth_provider const provider(*settings);
    std::map<std::string, std::uint16_t> hosts;
    if (is_cloud)
        hosts = {{"api.bitbucket.org", provider.port()}, {"bitbucket.org", provider.port()}};
    else
        hosts = {{"bitbucket.example.com", provider.port()}};
    tls_proxy const proxy(hosts);
    boost::json::object const addresses{
        {"client_id", settings->client_id},
        {"client_secret", settings->client_secret},
        {"callback_url", settings->callback_url},
        {"authorize_url", provider.authorize_url()},
        {"token_url", provider.token_url()},
        {"api_url", provider.api_url()},
        {"hosts", is_cloud ? "bitbucket.org api.bitbucket.org" : "bitbucket.example.com"},
        {"proxy", proxy.proxy_url()},
        {"tls_port", proxy.tls_port()},
        {"ca_bundle", proxy.ca_file().string()},
        {"key_pin", proxy.key_pin()}};
    std::cout << boost::json::serialize(addresses) << std::endl;
    wait_for_the_end(signals);
    return 0;
}
