#include "links/chat/webhook_url.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/url/parse.hpp>

namespace linkspan::chat
{
namespace
{

// A shorter part of a URL is no secret, and could stand in words by chance.
constexpr std::size_t secret_bytes_min = 8;

void hide(std::string& text, std::string_view part)
{
    if (part.size() < secret_bytes_min)
        return;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 3))
        text.replace(at, part.size(), "***");
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

result<webhook_url> read_webhook_url(link_fields const& fields)
{
    auto const text = value_of(fields, {}, "webhook_url");
    if (auto const fit = check_secret_url("webhook_url", text); !fit)
        return fit.error();
    auto const url = boost::urls::parse_uri(text);
    webhook_url out;
    out.origin = std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port());
    out.host = boost::algorithm::to_lower_copy(std::string(url->host()));
    // http is for this machine alone, which check_secret_url has seen to.
    out.is_loopback = url->scheme() == "http";
    for (auto const segment : url->encoded_segments())
        out.segments.emplace_back(segment);
    if (!out.segments.empty() && out.segments.back().empty())
        out.segments.pop_back();
    for (auto const parameter : url->encoded_params())
        out.query.emplace(std::string(parameter.key), std::string(parameter.value));
    return out;
}

error without_parts(error failure, webhook_url const& of)
{
    for (auto const& segment : of.segments)
        hide(failure.message, segment);
    for (auto const& [name, value] : of.query)
        hide(failure.message, value);
    return failure;
}

}  // namespace linkspan::chat
