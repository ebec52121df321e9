#include "cmd/linkspan/config_values.hpp"

#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/config_advice.hpp"
#include "core/route/route.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <span>

namespace linkspan
{
namespace
{

constexpr std::size_t config_name_bytes_max = 64;
constexpr std::size_t link_bytes_max = 128;
constexpr std::uintmax_t ca_bundle_bytes_max = 16U << 20U;  // the system's has a quarter of a MiB

bool has_control(std::string_view text)
{
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
    );
}

result<> judge_word(std::string_view text, std::span<std::string_view const> words)
{
    if (std::ranges::find(words, text) != words.end())
        return {};
    return invalid("is " + in_quotes(text) + "; " + advice(text, words));
}

result<> judge_short(std::string_view text, std::size_t bytes_max)
{
    if (text.empty())
        return invalid("is empty");
    if (text.size() > bytes_max)
        return invalid("is longer than " + std::to_string(bytes_max) + " bytes");
    if (text.front() == ' ' || text.back() == ' ')
        return invalid("begins or ends with a space");
    return {};
}

// One segment of a URL of Bitbucket's: a workspace or its uuid in braces, a project key, a slug.
bool is_url_name(std::string_view text)
{
    auto const is_fine = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-_.~{}").find(c) != std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, is_fine) && text != "." && text != "..";
}

bool has_wildcard(std::string_view text)
{
    return text.find_first_of("*?") != std::string_view::npos;
}

result<boost::urls::url> read_web_url(std::string_view text, std::string_view expected)
{
    auto const parsed = boost::urls::parse_uri(text);
    if (!parsed || parsed->host().empty() ||
        (parsed->scheme_id() != boost::urls::scheme::http && parsed->scheme_id() != boost::urls::scheme::https
        ))
        return invalid("must be " + std::string(expected));
    if (parsed->has_userinfo())
        return invalid("must not hold a user or a password; " + std::string(credential_advice));
    if (parsed->has_query() || parsed->has_fragment())
        return invalid("must not have a \"?\" or a \"#\"; write " + std::string(expected));
    boost::urls::url out(*parsed);
    out.normalize_scheme();
    out.normalize_authority();
    return out;
}

std::string without_slashes(std::string text)
{
    while (text.ends_with('/'))
        text.pop_back();
    return text;
}

}  // namespace

error invalid(std::string message)
{
    return error(errc::invalid, std::move(message));
}

result<> judge_text(std::string_view text)
{
    if (text.size() > config_text_bytes_max)
        return invalid("is longer than " + std::to_string(config_text_bytes_max) + " bytes");
    if (has_control(text))
        return invalid("has a line break or another control character");
    return {};
}

result<> judge_name(std::string& text)
{
    return judge_short(text, config_name_bytes_max);
}

result<> judge_link(std::string& text)
{
    return judge_short(text, link_bytes_max);
}

result<> judge_optional_link(std::string& text)
{
    return text.empty() ? result<>() : judge_link(text);
}

result<> judge_workspace(std::string& text)
{
    if (text.empty() || is_url_name(text))
        return {};
    return invalid(
        "is " + in_quotes(text) +
        ", but must be the one name behind bitbucket.org/; write for example workspace = \"acme\""
    );
}

result<> judge_project_key(std::string& text)
{
    if (is_url_name(text))
        return {};
    return invalid(
        "has " + in_quotes(text) + ", which is no project key" +
        (has_wildcard(text) ? ": no patterns here, name each" : "") +
        "; write for example \"CORE\", or \"~ada\" for a person's own"
    );
}

result<> judge_repository(std::string& text)
{
    auto const slash = text.find('/');
    if (slash != text.npos && is_url_name(std::string_view(text).substr(0, slash)) &&
        is_url_name(std::string_view(text).substr(slash + 1)))
        return {};
    return invalid(
        "has " + in_quotes(text) + ", which is not owner/slug" +
        (has_wildcard(text) ? ": no patterns here, name each, or the whole workspace or project" : "") +
        "; write for example \"acme/api\" (cloud) or \"CORE/api\" (data_center)"
    );
}

result<> judge_channel(std::string& text)
{
    return text.empty() ? result<>() : judge_short(text, config_text_bytes_max);
}

result<> judge_public_url(std::string& text)
{
    static constexpr std::string_view expected =
        "a URL such as \"https://linkspan.example.com\", without a path";
    if (text.empty())
        return {};
    auto const url = read_web_url(text, expected);
    if (!url)
        return url.error();
    std::string const shown = without_slashes(std::string(url->buffer()));
    if (url->encoded_path().find_first_not_of('/') != std::string_view::npos)
        return invalid("must not have a path; write " + std::string(expected));
    text = shown;
    return {};
}

result<> check_public_url(server_config const& server)
{
    auto const url = boost::urls::parse_uri(server.public_url);
    if (server.allow_http_public_url || !url || url->scheme_id() != boost::urls::scheme::http)
        return {};
    auto const host = std::string(url->host());
    auto const kind = url->host_type();
    bool const is_here = host == "localhost" ||
                         (kind == boost::urls::host_type::ipv4 && url->host_ipv4_address().is_loopback()) ||
                         (kind == boost::urls::host_type::ipv6 && url->host_ipv6_address().is_loopback());
    if (is_here)
        return {};
    return invalid(
        "public_url is plain http: whoever is on the way can read and change the sign-in of a person; write "
        "https://, or allow_http_public_url = true in [server]"
    );
}

result<> judge_instance_url(std::string& text)
{
    auto const url =
        read_web_url(text, "the base URL of a Data Center, such as \"https://bitbucket.example.com\"");
    if (!url)
        return url.error();
    text = without_slashes(std::string(url->buffer()));
    return {};
}

result<> judge_proxy(std::string& text)
{
    static constexpr std::array<std::string_view, 6> known = {
        "http", "https", "socks4", "socks4a", "socks5", "socks5h"};
    if (text.empty())
        return {};
    auto const url = boost::urls::parse_uri(text);
    bool const is_known = url && !url->host().empty() &&
                          std::ranges::find(known, std::string_view(url->scheme())) != known.end();
    if (!is_known)
        return invalid("must be a URL such as \"http://127.0.0.1:3128\" or \"socks5h://127.0.0.1:1080\"");
    return {};
}

result<> judge_ca_bundle(std::string& text)
{
    if (text.empty())
        return {};
    if (!std::filesystem::path(text).is_absolute())
        return invalid("must be an absolute path, such as \"/etc/ssl/certs/acme-ca.pem\"");
    std::error_code failure;
    if (!std::filesystem::is_regular_file(text, failure))
        return invalid("names " + in_quotes(text) + ", which is no file that can be seen from here");
    std::ifstream in(text, std::ios::binary);
    if (!in)
        return invalid("names " + in_quotes(text) + ", which this user may not read");
    if (std::filesystem::file_size(text, failure) > ca_bundle_bytes_max)
        return invalid(
            "names " + in_quotes(text) + ", which is larger than " + std::to_string(ca_bundle_bytes_max) +
            " bytes"
        );
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("-----BEGIN ") && line.find("CERTIFICATE-----") != std::string::npos)
            return {};
    return invalid(
        "names " + in_quotes(text) + ", which holds no certificate (\"-----BEGIN CERTIFICATE-----\")"
    );
}

result<> judge_edition(std::string& text)
{
    static constexpr std::array<std::string_view, 2> words = {"cloud", "data_center"};
    return judge_word(text, words);
}

result<> judge_log_level(std::string& text)
{
    static constexpr std::array<std::string_view, 4> words = {"debug", "info", "warning", "error"};
    return judge_word(text, words);
}

result<> judge_log_format(std::string& text)
{
    static constexpr std::array<std::string_view, 2> words = {"text", "json"};
    return judge_word(text, words);
}

}  // namespace linkspan
