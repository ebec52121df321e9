#pragma once
#include "links/net/http.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace linkspan::test
{

// An answer "ok": false; `message` explains it in response_metadata, as Slack does for arguments.
http_response slack_error(std::string_view code, std::string_view message = {});

http_response slack_json(boost::json::object const& body);

// The arguments of a call with a JSON body, or the answer that Slack gives to a body that is none.
std::variant<boost::json::object, http_response> read_arguments(http_request const& request);

// What Slack finds wrong with the content of a message; an answer with status 0 where nothing is.
http_response judge_content(boost::json::object const& arguments);

}  // namespace linkspan::test
