#include "links/bitbucket/api.hpp"

#include "core/base/utf8.hpp"
#include "links/net/retry_after.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace linkspan::bitbucket
{
namespace
{

namespace json = boost::json;

// What a fault says of the link: see sign_of().
enum class fault_sign
{
    works,
    nothing,
    fails,
    fails_unless_one,  // one pull request may be broken by itself
};

struct fault_row
{
    api_fault fault;
    std::string_view name;
    errc code;
    fault_sign sign = fault_sign::works;
};

constexpr std::array<fault_row, 18> fault_rows = {{
    {api_fault::none, "none", errc::none},
    {api_fault::unauthorized, "unauthorized", errc::unauthorized, fault_sign::fails},
    {api_fault::forbidden, "forbidden", errc::unauthorized, fault_sign::fails},
    {api_fault::not_found, "not_found", errc::not_found},
    {api_fault::gone, "gone", errc::not_found},
    {api_fault::moved, "moved", errc::not_found},
    {api_fault::rate_limited, "rate_limited", errc::rate_limited, fault_sign::nothing},
    {api_fault::refused, "refused", errc::invalid, fault_sign::fails_unless_one},
    {api_fault::unavailable, "unavailable", errc::unavailable, fault_sign::fails_unless_one},
    {api_fault::unheard, "unheard", errc::timeout, fault_sign::fails_unless_one},
    {api_fault::not_json, "not_json", errc::unavailable, fault_sign::fails},
    {api_fault::not_a_page, "not_a_page", errc::unavailable, fault_sign::fails},
    {api_fault::oversized, "oversized", errc::unavailable, fault_sign::fails_unless_one},
    {api_fault::foreign_host, "foreign_host", errc::unavailable, fault_sign::fails},
    {api_fault::endless, "endless", errc::unavailable, fault_sign::fails_unless_one},
    {api_fault::page_limit, "page_limit", errc::unavailable},
    {api_fault::shifted, "shifted", errc::unavailable},
    {api_fault::cancelled, "cancelled", errc::cancelled, fault_sign::nothing},
}};

fault_row const& row_of(api_fault fault)
{
    return fault_rows.at(static_cast<std::size_t>(fault));
}

// What is taken over of a URL or a list of scopes that an answer tells.
constexpr std::size_t told_bytes_max = 500;

// Only what is made for people goes into messages: the place, not what its query holds.
std::string place_words(std::string_view url)
{
    return single_line(url.substr(0, url.find_first_of("?#")), rest_text_bytes_max);
}

std::string told_text(json::value const& of, std::string_view pointer, http_request const& asked)
{
    boost::system::error_code failure;
    auto const* const found = of.find_pointer(pointer, failure);
    if (found == nullptr || !found->is_string())
        return {};
    return single_line(without_credentials(std::string(found->get_string()), asked), told_bytes_max);
}

std::vector<std::string> texts_at(json::value const& of, std::string_view pointer)
{
    std::vector<std::string> out;
    boost::system::error_code failure;
    auto const* const found = of.find_pointer(pointer, failure);
    if (found == nullptr || !found->is_array())
        return out;
    for (auto const& element : found->get_array())
        if (element.is_string())
            out.emplace_back(element.get_string());
    return out;
}

// Cloud: {"error":{"detail":{"required":["read:pullrequest:bitbucket"],"granted":[...]}}}. The detail of
// other refusals is a text.
std::string missing_scope_of(json::value const& body, http_request const& asked)
{
    auto const granted = texts_at(body, "/error/detail/granted");
    std::string out;
    for (auto const& scope : texts_at(body, "/error/detail/required"))
        if (std::ranges::find(granted, scope) == granted.end())
            out += (out.empty() ? "" : " ") + scope;
    return single_line(without_credentials(std::move(out), asked), told_bytes_max);
}

// A Data Center says 401 also to those whom it knows, where they lack a permission. Whom it knows stands in
// X-AUSERNAME.
bool is_known_without_permission(http_response const& answer, json::value const& body)
{
    return !find_header(answer.headers, "X-AUSERNAME").empty() &&
           text_at(body, "/errors/0/exceptionName").ends_with("AuthorisationException");
}

std::optional<std::int64_t> number_of(std::string_view text)
{
    std::int64_t number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool const is_whole = failure == std::errc() && end == text.data() + text.size();
    return is_whole && number >= 0 ? std::optional(number) : std::nullopt;
}

api_notes notes_of(http_response const& answer)
{
    api_notes out;
    out.rate_limit = number_of(find_header(answer.headers, "X-RateLimit-Limit"));
    auto const near = find_header(answer.headers, "X-RateLimit-NearLimit");
    if (boost::algorithm::iequals(near, "true") || boost::algorithm::iequals(near, "false"))
        out.near_limit = boost::algorithm::iequals(near, "true");
    out.resource = single_line(find_header(answer.headers, "X-RateLimit-Resource"), rest_text_bytes_max);
    out.retry_after = retry_after_of(answer);
    out.date = date_of(answer);
    auto const etag = find_header(answer.headers, "ETag");
    if (etag.size() <= rest_text_bytes_max)
        out.etag = etag;
    out.scopes = words_of_header(answer, "X-OAuth-Scopes");
    out.account = single_line(find_header(answer.headers, "X-AUSERNAME"), rest_text_bytes_max);
    return out;
}

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

api_fault fault_of(http_response const& answer, json::value const& body)
{
    int const status = answer.status;
    bool const asks_to_wait = !find_header(answer.headers, "Retry-After").empty();
    if (status == 429 || (status == 403 && asks_to_wait))
        return api_fault::rate_limited;
    if (status == 403 || (status == 401 && is_known_without_permission(answer, body)))
        return api_fault::forbidden;
    if (status == 401)
        return api_fault::unauthorized;
    if (status == 404 || status == 405)
        return api_fault::not_found;
    if (status == 410)
        return api_fault::gone;
    if (status >= 500 || status == 407 || status == 408 || status == 425)
        return api_fault::unavailable;
    return api_fault::refused;
}

// The Location of a redirect, which may be relative (RFC 9110, 10.2.2), as a URL; empty where it is none.
std::string location_of(http_request const& asked, http_response const& answer)
{
    auto const location = find_header(answer.headers, "Location");
    if (location.empty() || location.size() > place_bytes_max)
        return {};
    auto const base = boost::urls::parse_uri(asked.target);
    auto const place = boost::urls::parse_uri_reference(location);
    if (!base || !place)
        return {};
    boost::urls::url whole;
    if (!boost::urls::resolve(*base, *place, whole))
        return {};
    return std::string(whole.buffer());
}

std::string host_words(std::string_view url)
{
    auto const parsed = boost::urls::parse_uri(url);
    if (!parsed)
        return "a place that is no URL";
    auto host = std::string(parsed->encoded_host());
    if (!parsed->port().empty())
        host += ":" + std::string(parsed->port());
    return single_line(host, rest_text_bytes_max);
}

// With its scheme: from http to https is another place, too.
std::string origin_words(std::string_view url)
{
    auto const parsed = boost::urls::parse_uri(url);
    return parsed ? std::string(parsed->scheme()) + "://" + host_words(url) : host_words(url);
}

void judge_redirect(api_answer& out, http_request const& asked, http_response const& answer)
{
    auto const said = host_words(asked.target) + " answers " + std::to_string(answer.status);
    auto place = location_of(asked, answer);
    if (place.empty())
        return out.fail(api_fault::not_found, said + ", a redirect that tells no place");
    if (!is_same_origin(asked.target, place))
        return out.fail(
            api_fault::foreign_host,
            without_credentials(
                said + ", a redirect to " + origin_words(place) + ", which is not asked", asked
            )
        );
    out.fail(api_fault::moved, without_credentials(said + ": this moved to " + place_words(place), asked));
    out.moved_to = std::move(place);
}

void judge_refusal(api_answer& out, http_request const& asked, exchange ended)
{
    auto const& answer = ended.response;
    boost::system::error_code failure;
    auto const body = json::parse(answer.body, failure);
    auto const fault = fault_of(answer, failure ? json::value() : body);
    if (!failure)
    {
        out.missing_scope = missing_scope_of(body, asked);
        out.announcement_url = told_text(body, "/error/data/announcement_url", asked);
    }
    auto said = read_rest(asked, std::move(ended)).error().message;
    if (fault == api_fault::forbidden && !out.missing_scope.empty())
        said += "; the scope that is missing: " + out.missing_scope;
    if (fault == api_fault::gone && !out.announcement_url.empty())
        said += "; see " + out.announcement_url;
    out.fail(fault, std::move(said));
}

void judge_silence(api_answer& out, http_request const& asked, exchange ended, std::size_t bytes_max)
{
    if (ended.is_oversized)
        return out.fail(
            api_fault::oversized,
            host_words(asked.target) + " answers with more than " + std::to_string(bytes_max) + " bytes"
        );
    auto const fault = ended.fate == exchange_fate::not_sent    ? api_fault::unavailable
                       : ended.fate == exchange_fate::cancelled ? api_fault::cancelled
                                                                : api_fault::unheard;
    out.fail(fault, read_rest(asked, std::move(ended)).error().message);
}

api_answer judge(http_request const& asked, exchange ended, std::size_t bytes_max)
{
    api_answer out;
    if (ended.fate != exchange_fate::answered)
    {
        judge_silence(out, asked, std::move(ended), bytes_max);
        return out;
    }
    out.status = ended.response.status;
    out.notes = notes_of(ended.response);
    if (out.status == 304 && !find_header(asked.headers, "If-None-Match").empty())
        out.is_unchanged = true;
    else if (is_redirect(out.status))
        judge_redirect(out, asked, ended.response);
    else if (out.status < 200 || out.status >= 300)
        judge_refusal(out, asked, std::move(ended));
    else if (auto said = read_rest(asked, std::move(ended)); !said)
        out.fail(api_fault::not_json, said.error().message);
    else
    {
        out.body = std::move(said->body);
        out.text = std::move(said->raw.body);
    }
    return out;
}

std::string_view effective_port(boost::urls::url_view const& url)
{
    if (!url.port().empty())
        return {url.port().data(), url.port().size()};
    return url.scheme_id() == boost::urls::scheme::https ? "443" : "80";
}

}  // namespace

std::string_view name_of(api_fault fault) noexcept
{
    return row_of(fault).name;
}

errc code_of(api_fault fault) noexcept
{
    return row_of(fault).code;
}

bool is_lasting(api_fault fault) noexcept
{
    return fault == api_fault::forbidden || fault == api_fault::not_found || fault == api_fault::gone ||
           fault == api_fault::moved || fault == api_fault::refused || fault == api_fault::foreign_host;
}

link_sign sign_of(api_fault fault, bool is_of_one_pull_request) noexcept
{
    auto const sign = row_of(fault).sign;
    if (sign == fault_sign::works)
        return link_sign::works;
    bool const is_none =
        sign == fault_sign::nothing || (sign == fault_sign::fails_unless_one && is_of_one_pull_request);
    return is_none ? link_sign::nothing : link_sign::fails;
}

void api_outcome::fail(api_fault what, std::string message)
{
    fault = what;
    why = error(code_of(what), std::move(message));
}

boost::asio::awaitable<api_answer> ask_api(
    api_access api, std::string url, std::string etag, std::size_t bytes_max
)
{
    api_answer out;
    if (url.empty())
        out.fail(api_fault::refused, "not sent: a part of the URL is empty, or no name");
    else if (!is_same_origin(api.base_url, url))
        out.fail(api_fault::foreign_host, "not sent: " + host_words(url) + " is not the host of the API");
    if (out.fault != api_fault::none)
        co_return out;
    http_request request("GET", std::move(url));
    request.headers.push_back(std::move(api.proof));
    request.headers.push_back({"Accept", "application/json"});
    if (!etag.empty())
        request.headers.push_back({"If-None-Match", std::move(etag)});
    exchange_options options;
    options.timeout = api.timeout;
    options.connect_timeout = std::min(options.connect_timeout, api.timeout);
    options.response_bytes_max = bytes_max;
    options.idempotent = true;
    auto const asked = request;
    auto ended = co_await api.http.send(std::move(request), options);
    co_return judge(asked, std::move(ended), bytes_max);
}

bool is_same_origin(std::string_view base_url, std::string_view url)
{
    auto const base = boost::urls::parse_uri(base_url);
    auto const other = boost::urls::parse_uri(url);
    if (!base || !other || other->has_userinfo() || other->encoded_host().empty())
        return false;
    bool const is_http =
        other->scheme_id() == boost::urls::scheme::https || other->scheme_id() == boost::urls::scheme::http;
    return is_http && base->scheme_id() == other->scheme_id() &&
           boost::algorithm::iequals(base->encoded_host(), other->encoded_host()) &&
           effective_port(*base) == effective_port(*other);
}

api_target::api_target(api_access const& api, std::string_view path) : url_(api.base_url)
{
    url_ += path;
}

api_target& api_target::segment(std::string_view text)
{
    is_sound_ = is_sound_ && !text.empty() && text != "." && text != "..";
    url_ += url_encoded(text);
    return *this;
}

api_target& api_target::literal(std::string_view text)
{
    url_ += text;
    return *this;
}

api_target& api_target::query(std::string_view name, std::string_view value)
{
    is_sound_ = is_sound_ && !value.empty();
    url_ += std::exchange(has_query_, true) ? '&' : '?';
    url_ += url_encoded(name) + "=" + url_encoded(value);
    return *this;
}

api_target& api_target::query(std::string_view name, std::int64_t value)
{
    return query(name, std::to_string(value));
}

std::string api_target::url() const
{
    return is_sound_ ? url_ : std::string();
}

}  // namespace linkspan::bitbucket
