#include "links/chat/webhook_url.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <functional>

namespace linkspan::chat
{
namespace
{

// A shorter part of a URL is no secret, and could stand in words by chance.
constexpr std::size_t secret_bytes_min = 8;

// As it is written, and as a service would repeat it.
void add_secret(std::vector<std::string>& into, boost::urls::pct_string_view part)
{
    for (auto text : {std::string(part), part.decode()})
        if (text.size() >= secret_bytes_min && std::ranges::find(into, text) == into.end())
            into.push_back(std::move(text));
}

}  // namespace

bool webhook_url::ends_in(std::span<std::string_view const> pattern) const
{
    if (segments.size() < pattern.size())
        return false;
    auto at = segments.end() - static_cast<std::ptrdiff_t>(pattern.size());
    for (auto const wanted : pattern)
    {
        if (wanted == "*" ? at->empty() : *at != wanted)
            return false;
        ++at;
    }
    return true;
}

bool webhook_url::is_at(std::string_view domain) const
{
    return is_loopback || host == domain || host.ends_with("." + std::string(domain));
}

result<webhook_url> read_webhook_url(link_fields const& fields, std::span<std::string_view const> shape)
{
    auto const text = value_of(fields, {}, "webhook_url");
    if (text.empty())
        return error(errc::invalid, "webhook_url is missing");
    if (auto const fit = check_secret_url("webhook_url", text); !fit)
        return fit.error();
    auto const url = boost::urls::parse_uri(text);
    webhook_url out;
    out.origin = std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port());
    out.host = boost::algorithm::to_lower_copy(std::string(url->host()));
    // http is for this machine alone, which check_secret_url has seen to.
    out.is_loopback = url->scheme() == "http";
    for (auto const segment : url->encoded_segments())
    {
        out.segments.emplace_back(segment);
        if (std::ranges::find(shape, out.segments.back()) == shape.end())
            add_secret(out.secrets, segment);
    }
    if (!out.segments.empty() && out.segments.back().empty())
        out.segments.pop_back();
    for (auto const parameter : url->encoded_params())
    {
        out.query.emplace(std::string(parameter.key), std::string(parameter.value));
        add_secret(out.secrets, parameter.value);
    }
    std::ranges::sort(out.secrets, std::ranges::greater(), &std::string::size);
    return out;
}

result<> check_webhook_url(link_fields const& fields, webhook_url_reader read)
{
    if (value_of(fields, {}, "webhook_url").empty())
        return {};
    auto const url = read(fields);
    return url ? result<>() : url.error();
}

http_request request_to(webhook_url const& of, std::string method, std::string target)
{
    http_request out(std::move(method), std::move(target));
    out.secrets = of.secrets;
    return out;
}

}  // namespace linkspan::chat
