#pragma once
#include "links/link.hpp"
#include "tests/support/scripted_peer.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// One call that a service expects, and its answer. "{peer}" in target, headers and answers stands for the
// peer's base URL, without a slash at its end.
struct expected_call
{
    std::string method = "GET";
    std::string target;                     // path and query, as they stand in the request
    std::string secret_end{};               // of the target, where the URL itself is the secret
    std::vector<http_header> credential{};  // whoever does not send these is refused
    std::vector<http_header> headers{};     // whoever does not send these gets 400
    // A credential that no header tells: a signature, a secret in the body. Else as above.
    std::function<bool(http_request const&)> is_proven{};
    std::function<bool(std::string const&)> is_body{};
    int status = 200;
    std::string answer = "{}";
    std::vector<http_header> answer_headers{};
};

// How a service refuses a credential.
struct peer_refusal
{
    int status = 401;
    std::string body = R"({"message":"Unauthorized"})";
};

// The moment of these tests, and what the peer says of it: two seconds before.
inline constexpr time_point template_test_now = from_milliseconds(1'795'167'000'000);
inline constexpr std::string_view peer_date = "Fri, 20 Nov 2026 09:29:58 GMT";

// A service on loopback that expects these calls in this order and refuses what differs: another path (404),
// a missing or wrong credential (the refusal), another header or body (400), another method (405), one call
// too many (404). Every answer has a Date.
class template_peer
{
public:
    template_peer(boost::asio::io_context& loop, std::vector<expected_call> calls, peer_refusal refusal = {});

    std::string url(std::string const& path = "") const { return peer_.url(path); }
    std::string filled(std::string text) const;  // with its URL for each "{peer}"

    std::size_t answered() const { return answered_; }                  // calls as expected
    std::vector<std::string> const& faults() const { return faults_; }  // what differed
    std::vector<peer_request> const& received() const { return peer_.received(); }

private:
    peer_action judge(http_request const& seen);
    std::string say(int status, std::string_view body, std::vector<http_header> const& headers) const;
    std::string fault_of_headers(http_request const& seen, std::vector<http_header> const& wanted) const;

    std::vector<expected_call> calls_;
    peer_refusal refusal_;
    std::size_t answered_ = 0;
    std::vector<std::string> faults_;
    scripted_peer peer_;
};

// What a template's identify() does, or its post_test() where it has no other, as one row of a table.
struct template_case
{
    std::string name;                           // of the template
    std::map<std::string, std::string> fields;  // "{peer}" as above; an OAuth link has its access_token here
    std::string credential;                     // the field that is altered to be a wrong one
    std::string wrong_value{};                  // what it is then; empty: another last letter
    std::vector<expected_call> calls;
    std::string account;  // from here on: what identify() must say
    std::string kind;     // link_identity::credential
    std::optional<std::string> scopes{};
    std::map<std::string, std::string> facts{};
    bool tells_time = true;
    peer_refusal refusal{};
    errc where_broken = errc::unavailable;  // what a status 503 is told as
    // Answers with status 200 that are none of the service's.
    std::vector<std::string> foreign_answers{"[]", "null", "{}", R"({"message":"Hello"})"};
    bool takes_any_answer = false;  // a receiver of one's own says all with its status
};

// The fields of the case, for the peer at this URL.
link_fields fields_of(template_case const& of, std::string const& peer_url);

// What identify() says of the peer at this URL.
result<link_identity> ask_identity(
    template_case const& of, boost::asio::io_context& loop, std::string const& peer_url
);

// Runs check() and identify() against such a peer: as they are (the identity is the expected one, and every
// call was made), with the wrong credential (errc::unauthorized), with "/elsewhere" behind the peer's URL
// (errc::not_found), from a service that is down (status 503) and one that answers something else, HTML or
// JSON. No message repeats a secret.
void expect_identity(template_case const& of);

}  // namespace linkspan::test
