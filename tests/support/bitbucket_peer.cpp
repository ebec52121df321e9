#include "tests/support/bitbucket_peer.hpp"

#include <boost/algorithm/string/replace.hpp>

namespace linkspan::test
{

bitbucket_peer::bitbucket_peer()
    : peer_(
          loop_,
          [this](peer_request const&)
          {
              if (actions_.empty())
                  return test::answer_with(404, R"({"error":{"message":"not scripted"}})");
              auto action = std::move(actions_.front());
              actions_.pop_front();
              return action;
          }
      )
{
}

bitbucket::api_access bitbucket_peer::access(std::string const& base)
{
    return {client_, peer_.url(base), bearer(canary_token), milliseconds(10'000)};
}

void bitbucket_peer::answer_with(int status, std::string body, std::vector<http_header> headers)
{
    auto bytes = bytes_of({status, filled(std::move(body)), std::move(headers)});
    actions_.emplace_back(filled(std::move(bytes)), peer_action::ending::keep);
}

std::string bitbucket_peer::filled(std::string text) const
{
    boost::algorithm::replace_all(text, "{peer}", peer_.url(""));
    return text;
}

std::vector<std::string> bitbucket_peer::asked() const
{
    std::vector<std::string> out;
    for (auto const& seen : peer_.received())
        out.push_back(seen.request.target);
    return out;
}

std::string bytes_of(bitbucket_answer const& answer)
{
    std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + " Scripted";
    for (auto const& header : answer.headers)
        bytes += "\r\n" + header.name + ": " + header.value;
    if (find_header(answer.headers, "Content-Type").empty())
        bytes += "\r\nContent-Type: application/json";
    bytes += "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
    return bytes + answer.body;
}

}  // namespace linkspan::test
