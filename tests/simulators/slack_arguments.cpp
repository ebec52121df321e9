#include "tests/simulators/slack_arguments.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

// Slack's own limits, written down a second time on purpose: the renderer must not be judged by its own.
constexpr std::size_t text_characters_max = 40'000;
constexpr std::size_t blocks_max = 50;
constexpr std::size_t section_characters_max = 3000;
constexpr std::size_t context_elements_max = 10;

std::size_t characters(std::string_view text)
{
    std::size_t number = 0;
    for (char const c : text)
        number += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return number;
}

std::string fault_of_text(json::value const* value)
{
    auto const* const text = value == nullptr ? nullptr : value->if_object();
    if (text == nullptr)
        return "missing required field: text";
    auto const* const type = text->if_contains("type");
    if (type == nullptr || (*type != "mrkdwn" && *type != "plain_text"))
        return "unsupported type of text";
    if (*type == "plain_text" && text->contains("verbatim"))
        return "invalid additional property: verbatim";
    auto const* const content = text->if_contains("text");
    if (content == nullptr || !content->is_string() || content->get_string().empty())
        return "must be more than 0 characters";
    if (characters(content->get_string()) > section_characters_max)
        return "must be less than 3001 characters";
    return {};
}

std::string fault_of_block(json::value const& value)
{
    auto const* const block = value.if_object();
    auto const* const type = block == nullptr ? nullptr : block->if_contains("type");
    if (type == nullptr || !type->is_string())
        return "missing required field: type";
    if (*type == "divider")
        return {};
    if (*type == "section")
        return fault_of_text(block->if_contains("text"));
    if (*type != "context")
        return "unsupported type: " + std::string(type->get_string());
    auto const* const elements = block->if_contains("elements");
    if (elements == nullptr || !elements->is_array() || elements->get_array().empty() ||
        elements->get_array().size() > context_elements_max)
        return "wrong number of elements";
    for (auto const& element : elements->get_array())
        if (auto fault = fault_of_text(&element); !fault.empty())
            return fault;
    return {};
}

http_response judge_blocks(json::value const& blocks)
{
    if (!blocks.is_array())
        return slack_error("invalid_blocks_format");
    if (blocks.get_array().size() > blocks_max)
        return slack_error("invalid_blocks", "[ERROR] no more than 50 items allowed [json-pointer:/blocks]");
    std::size_t number = 0;
    for (auto const& block : blocks.get_array())
    {
        if (auto const fault = fault_of_block(block); !fault.empty())
            return slack_error(
                "invalid_blocks",
                "[ERROR] " + fault + " [json-pointer:/blocks/" + std::to_string(number) + "]"
            );
        ++number;
    }
    return http_response();
}

}  // namespace

http_response slack_json(json::object const& body)
{
    http_response response(200, json::serialize(body));
    response.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
    return response;
}

http_response slack_error(std::string_view code, std::string_view message)
{
    json::object body{{"ok", false}, {"error", code}};
    if (!message.empty())
        body["response_metadata"] = json::object{{"messages", json::array{json::value(message)}}};
    return slack_json(body);
}

std::variant<json::object, http_response> read_arguments(http_request const& request)
{
    auto const type = find_header(request.headers, "Content-Type");
    if (type.empty())
        return slack_error("missing_post_type");
    if (!type.starts_with("application/json"))
        return slack_error("invalid_post_type");
    boost::system::error_code failure;
    auto value = json::parse(request.body, failure);
    if (failure)
        return slack_error("invalid_json");
    if (!value.is_object())
        return slack_error("json_not_object");
    return std::move(value.get_object());
}

http_response judge_content(json::object const& arguments)
{
    auto const* const text = arguments.if_contains("text");
    auto const* const blocks = arguments.if_contains("blocks");
    bool const has_text = text != nullptr && text->is_string() && !text->get_string().empty();
    if (!has_text && blocks == nullptr)
        return slack_error("no_text");
    if (has_text && characters(text->get_string()) > text_characters_max)
        return slack_error("msg_too_long");
    return blocks == nullptr ? http_response() : judge_blocks(*blocks);
}

}  // namespace linkspan::test
