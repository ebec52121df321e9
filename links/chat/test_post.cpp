#include "links/chat/test_post.hpp"

#include <boost/json/serialize.hpp>

namespace linkspan::chat
{

boost::asio::awaitable<result<link_identity>> post_and_judge(
    link_services& services,
    webhook_url of,
    std::string target,
    boost::json::object message,
    test_post_judge const* judge
)
{
    auto request = request_to(of, "POST", std::move(target));
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = boost::json::serialize(message);
    auto const asked = request;
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = rest_answer_bytes_max;
    auto ended = co_await services.http.send(std::move(request), options);
    bool const is_answered = ended.fate == exchange_fate::answered;
    if (is_answered && judge->is_taken(ended.response))
    {
        link_identity who;
        who.account = judge->account.empty() ? "a webhook at " + of.host : std::string(judge->account);
        who.credential = "webhook URL";
        who.service_time = date_of(ended.response);
        co_return who;
    }
    bool const is_refused = is_answered && judge->is_refused != nullptr && judge->is_refused(ended.response);
    auto const said = read_rest(asked, std::move(ended));
    if (said)
        co_return error(
            errc::not_found,
            "an answer that is none of " + std::string(judge->service) + "'s: check webhook_url"
        );
    auto failure = said.error();
    if (is_refused)
        failure.code = errc::unauthorized;
    co_return failure;
}

}  // namespace linkspan::chat
