#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "links/net/rest.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace linkspan::bitbucket
{

// One GET of Bitbucket's REST API, of either edition, and what its answer says beside its body. Nothing here
// knows tokens: the proof of identity is a header of the caller's.

// An answer longer than this is refused: fifty pull requests with the longest descriptions are two megabytes.
inline constexpr std::size_t page_bytes_max = 8U << 20U;

// A longer URL is no place of Bitbucket's.
inline constexpr std::size_t place_bytes_max = 8U * 1024;

// Where an API is, and as whom it is asked. The client outlives every call.
struct api_access
{
    http_client& http;
    std::string base_url;  // as checked_base_url() gives it: a slash at its end
    http_header proof;     // bearer() or basic(); goes to the scheme, host and port of base_url alone
    milliseconds timeout;  // of one request

    api_access(http_client& http, std::string base_url, http_header proof, milliseconds timeout)
        : http(http), base_url(std::move(base_url)), proof(std::move(proof)), timeout(timeout)
    {
    }
};

// Why a call gave nothing, or not all. One code of errc belongs to each, see code_of(); here is what those
// have to tell apart who watch a repository.
enum class api_fault
{
    none,
    unauthorized,  // 401: the credential is refused. The only one that a fresh token may heal
    forbidden,     // 403, and 401 of a Data Center that knows who asks: a scope or permission is missing
    not_found,     // 404, 405: no such thing, or not for this credential to see
    gone,          // 410: Bitbucket ended this call; announcement_url says more
    moved,         // 301, 302, 303, 307, 308: renamed or moved, to moved_to
    rate_limited,  // 429, or 403 with Retry-After: notes say for how long, where Bitbucket does
    refused,       // another 4xx, or a request that was not sent because it cannot be right
    unavailable,   // 5xx, 407, 408, 425, no connection
    unheard,       // sent, but no whole answer came
    not_json,      // HTML, half a text: a proxy, or a page to sign in, answers in the API's place
    not_a_page,    // JSON, but no page of a list
    oversized,     // more bytes than we take
    foreign_host,  // the next page, or the new place, is on another host: not asked
    endless,       // pages that repeat, or bring nothing new
    page_limit,    // as many pages as we wanted are read, and there are more
    shifted,       // read to its end, but the list changed meanwhile
    cancelled,     // the program is stopping
};

// The published name of a fault: "rate_limited".
std::string_view name_of(api_fault fault) noexcept;

errc code_of(api_fault fault) noexcept;

// Whether the next call would meet it, too: nobody but a person can mend it.
bool is_lasting(api_fault fault) noexcept;

// What the end of a call says of the credential and of what answers at the link's URL.
enum class link_sign
{
    works,    // it was answered: that there is no such thing, or that there is more, is an answer, too
    nothing,  // too much was asked, the program stops, or one pull request has no answer, and may be broken
    fails,
};
link_sign sign_of(api_fault fault, bool is_of_one_pull_request) noexcept;

// What the headers of an answer say.
struct api_notes
{
    // X-RateLimit-Limit (requests an hour), -NearLimit (less than a fifth is left) and -Resource. Cloud sends
    // them to access tokens on scaled endpoints only: nothing means nothing.
    std::optional<std::int64_t> rate_limit;
    std::optional<bool> near_limit;
    std::string resource;
    std::optional<milliseconds> retry_after;  // see retry_after_of()
    std::optional<time_point> date;           // Bitbucket's clock
    std::string etag;
    std::optional<std::string> scopes;  // X-OAuth-Scopes: what the credential may, separated by blanks
    std::string account;                // X-AUSERNAME, of Data Center: who asked

    api_notes() = default;
};

// What is known of a call however it ended. why.message is one safe line without the credential.
struct api_outcome
{
    api_fault fault = api_fault::none;
    error why;       // code none where the fault is none
    int status = 0;  // of the last answer; 0: there was none
    api_notes notes;
    std::string missing_scope;     // forbidden, where the answer tells: "read:pullrequest:bitbucket"
    std::string moved_to;          // moved: the new URL, on the same host
    std::string announcement_url;  // gone, where the answer tells

    api_outcome() = default;

    void fail(api_fault what, std::string message);
};

// One thing.
struct api_answer : api_outcome
{
    bool is_unchanged = false;  // 304: as it was when it had this ETag; there is no body
    std::string text;           // the body as it came
    boost::json::value body;    // the same, parsed

    api_answer() = default;

    bool is_told() const { return fault == api_fault::none && !is_unchanged; }
};

// GET url, with If-None-Match where there is an etag of an earlier answer (RFC 9110, 13.1.2). Follows no
// redirect, never throws. A URL on another scheme, host or port than base_url is not asked (foreign_host),
// nor is an empty one (refused): that is what an api_target gives which cannot be right.
boost::asio::awaitable<api_answer> ask_api(
    api_access api, std::string url, std::string etag = {}, std::size_t bytes_max = page_bytes_max
);

// Whether both are http or https URLs of one scheme, host and port, and the second one has no user in it.
bool is_same_origin(std::string_view base_url, std::string_view url);

// A URL of the API, part by part. With an empty segment, "." or ".." it would be another resource, up to the
// lists of all repositories that Bitbucket has ended, and with an empty parameter another question: url() is
// empty then, and ask_api() refuses it.
class api_target
{
public:
    // path: of our own writing, "repositories/"; it follows base_url.
    api_target(api_access const& api, std::string_view path);

    api_target& segment(std::string_view text);  // one level, percent-encoded
    api_target& literal(std::string_view text);  // of our own writing: "/pullrequests"
    api_target& query(std::string_view name, std::string_view value);
    api_target& query(std::string_view name, std::int64_t value);

    std::string url() const;

private:
    std::string url_;
    bool has_query_ = false;
    bool is_sound_ = true;
};

// A repository in the words of a URL. Cloud: workspace and slug, or their uuids in braces; Data Center: the
// project's key ("~ada" for a person's own) and the slug.
struct repository_place
{
    std::string owner;
    std::string slug;

    repository_place() = default;
    repository_place(std::string owner, std::string slug) : owner(std::move(owner)), slug(std::move(slug)) {}
};

// Two commits, each by its hash.
struct commit_pair
{
    std::string before;
    std::string after;

    commit_pair() = default;
    commit_pair(std::string before, std::string after) : before(std::move(before)), after(std::move(after)) {}
};

// Which pull requests of a repository.
enum class pull_request_states
{
    open,
    all,
};

}  // namespace linkspan::bitbucket
