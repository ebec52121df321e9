#include "tests/support/openapi.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/split.hpp>

#include <algorithm>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

std::vector<std::string> segments_of(std::string_view text, char at)
{
    std::vector<std::string> out;
    boost::algorithm::split(out, text, [at](char c) { return c == at; });
    return out;
}

bool is_path_variable(std::string const& segment)
{
    return segment.starts_with('{') && segment.ends_with('}');
}

// How many segments are literally the same; -1: it is another path.
int path_likeness(std::string const& path, std::vector<std::string> const& asked)
{
    auto const segments = segments_of(path, '/');
    if (segments.size() != asked.size())
        return -1;
    int out = 0;
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (segments[i] == asked[i])
            ++out;
        else if (!is_path_variable(segments[i]) || asked[i].empty())
            return -1;
    return out;
}

bool is_flagged(json::object const& of, std::string_view name)
{
    auto const* const found = of.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

std::string openapi_text(json::object const& of, std::string_view name)
{
    auto const* const found = of.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

// "properties": {} says no more than that it is an object.
bool is_open(json::object const& schema)
{
    auto const* const members = schema.if_contains("properties");
    return members != nullptr && members->as_object().empty();
}

bool is_of_type(json::value const& value, std::string_view type)
{
    return (type == "string" && value.is_string()) || (type == "array" && value.is_array()) ||
           (type == "object" && value.is_object()) || (type == "boolean" && value.is_bool()) ||
           (type == "integer" && (value.is_int64() || value.is_uint64())) ||
           (type == "number" && value.is_number());
}

std::vector<json::object const*> query_parameters(json::object const& item, json::object const& operation)
{
    std::vector<json::object const*> out;
    for (auto const* of : {&item, &operation})
        if (auto const* const found = of->if_contains("parameters"); found != nullptr)
            for (auto const& parameter : found->as_array())
                if (openapi_text(parameter.as_object(), "in") == "query")
                    out.push_back(&parameter.as_object());
    return out;
}

std::string fault_of_value(json::object const& parameter, std::string const& value)
{
    json::value const whole(parameter);
    boost::system::error_code failure;
    auto const* const allowed = whole.find_pointer("/schema/enum", failure);
    if (allowed == nullptr)
        return {};
    auto const is_allowed = std::ranges::any_of(
        allowed->as_array(),
        [&](json::value const& one) { return one.is_string() && one.as_string() == value; }
    );
    return is_allowed ? std::string() : openapi_text(parameter, "name") + " has no value " + value;
}

}  // namespace

openapi::openapi(json::value document, std::string base, std::vector<std::string> documented_elsewhere)
    : document_(std::move(document)),
      base_(std::move(base)),
      documented_elsewhere_(std::move(documented_elsewhere))
{
}

json::object const* openapi::path_item(std::string_view target, std::string* name) const
{
    auto const path = target.substr(0, target.find('?'));
    if (!path.starts_with(base_ + "/"))
        return nullptr;
    auto const asked = segments_of(path.substr(base_.size()), '/');
    json::object const* out = nullptr;
    int best = -1;
    for (auto const& [known, item] : document_.at("paths").as_object())
        if (auto const alike = path_likeness(std::string(known), asked); alike > best)
        {
            best = alike;
            out = &item.as_object();
            *name = std::string(known);
        }
    return out;
}

std::string openapi::operation(std::string_view method, std::string_view target) const
{
    std::string name;
    auto const* const item = path_item(target, &name);
    auto const verb = boost::algorithm::to_lower_copy(std::string(method));
    return item != nullptr && item->contains(verb) ? std::string(method) + " " + name : std::string();
}

std::vector<std::string> openapi::faults(std::string_view method, std::string_view target) const
{
    std::string name;
    auto const* const item = path_item(target, &name);
    if (item == nullptr)
        return {"no such path"};
    auto const* const found = item->if_contains(boost::algorithm::to_lower_copy(std::string(method)));
    if (found == nullptr)
        return {name + " has no " + std::string(method)};
    auto const& one = found->as_object();
    // Without the path: it may be deeper than what our own server takes.
    auto const mark = target.find('?');
    auto const asked = parse_request_target("/" + std::string(target.substr(std::min(mark, target.size()))));
    if (!asked)
        return {"the query cannot be read: " + asked.error().message};
    std::vector<std::string> out;
    if (is_flagged(one, "deprecated"))
        out.emplace_back("it is deprecated");
    auto const known = query_parameters(*item, one);
    for (auto const& given : asked->query)
        if (auto fault = fault_of_parameter(given, known, openapi_text(one, "description")); !fault.empty())
            out.push_back(std::move(fault));
    for (auto const* parameter : known)
    {
        auto const is_it = [&](query_parameter const& given)
        { return given.name == openapi_text(*parameter, "name"); };
        if (is_flagged(*parameter, "required") && std::ranges::none_of(asked->query, is_it))
            out.push_back("it needs the parameter " + openapi_text(*parameter, "name"));
    }
    for (auto& fault : out)
        fault = name + ": " + fault;
    return out;
}

std::string openapi::fault_of_parameter(
    query_parameter const& given, std::vector<json::object const*> const& known, std::string const& words
) const
{
    auto const is_it = [&](json::object const* parameter)
    { return openapi_text(*parameter, "name") == given.name; };
    auto const described = std::ranges::find_if(known, is_it);
    if (described != known.end())
        return is_flagged(**described, "deprecated") ? "deprecated is the parameter " + given.name
                                                     : fault_of_value(**described, given.value);
    bool const is_filter =
        (given.name == "q" || given.name == "sort") && words.find("#filtering") != words.npos;
    bool const is_shown =
        words.find("?" + given.name + "=") != words.npos || words.find("&" + given.name + "=") != words.npos;
    bool const is_general =
        std::ranges::find(documented_elsewhere_, given.name) != documented_elsewhere_.end();
    return is_filter || is_shown || is_general ? std::string() : "it has no parameter " + given.name;
}

json::value const* openapi::answer_schema(std::string_view method, std::string_view target) const
{
    std::string name;
    auto const* const item = path_item(target, &name);
    if (item == nullptr)
        return nullptr;
    auto const* at = item->if_contains(boost::algorithm::to_lower_copy(std::string(method)));
    for (auto const* step : {"responses", "200", "content", "application/json", "schema"})
        at = at == nullptr ? nullptr : at->as_object().if_contains(step);
    return at;
}

std::optional<std::vector<std::string>> openapi::unknown_fields(
    std::string_view method, std::string_view target, std::vector<std::string> const& fields
) const
{
    auto const* const schema = answer_schema(method, target);
    if (schema == nullptr)
        return std::nullopt;
    std::vector<std::string> out;
    for (auto const& field : fields)
        if (!has_member(*schema, field))
            out.push_back(field);
    return out;
}

bool openapi::has_member(json::value const& schema, std::string_view path) const
{
    boost::system::error_code failure;
    if (auto const* const place = schema.find_pointer("/$ref", failure); place != nullptr)
        return has_member(document_.at_pointer(std::string_view(place->as_string()).substr(1)), path);
    if (path.empty())
        return true;
    if (auto const* const items = schema.find_pointer("/items", failure); items != nullptr)
        return has_member(*items, path);
    auto const dot = std::min(path.find('.'), path.size());
    auto const first = "/properties/" + std::string(path.substr(0, dot));
    if (auto const* const member = schema.find_pointer(first, failure); member != nullptr)
        return has_member(*member, path.substr(std::min(dot + 1, path.size())));
    auto const* const parts = schema.find_pointer("/allOf", failure);
    auto const has_it = [&](json::value const& part) { return has_member(part, path); };
    return parts != nullptr && std::ranges::any_of(parts->as_array(), has_it);
}

json::value const& openapi::resolved(json::value const& schema) const
{
    auto const* const place = schema.as_object().if_contains("$ref");
    return place == nullptr ? schema
                            : resolved(document_.at_pointer(std::string_view(place->as_string()).substr(1)));
}

json::value const* openapi::member_schema(json::value const& schema, std::string_view name) const
{
    auto const& of = resolved(schema).as_object();
    if (auto const* const members = of.if_contains("properties"))
        if (auto const* const found = members->as_object().if_contains(name))
            return found;
    if (auto const* const parts = of.if_contains("allOf"))
        for (auto const& part : parts->as_array())
            if (auto const* const found = member_schema(part, name))
                return found;
    return nullptr;
}

std::optional<std::vector<std::string>> openapi::answer_faults(
    std::string_view method, std::string_view target, json::value const& body
) const
{
    auto const* const schema = answer_schema(method, target);
    if (schema == nullptr)
        return std::nullopt;
    std::vector<std::string> out;
    judge_value(*schema, body, "", out);
    return out;
}

void openapi::judge_value(
    json::value const& schema, json::value const& value, std::string const& at, std::vector<std::string>& out
) const
{
    auto const& of = resolved(schema).as_object();
    if (value.is_null())
        return;
    auto const type = of.contains("allOf") ? std::string("object") : openapi_text(of, "type");
    if (!type.empty() && !is_of_type(value, type))
        out.push_back(at + ": is no " + type);
    else if (auto const* const words = of.if_contains("enum");
             words != nullptr && std::ranges::find(words->as_array(), value) == words->as_array().end())
        out.push_back(at + ": is no word of the schema");
    else if (auto const* const items = of.if_contains("items"); items != nullptr && value.is_array())
        for (std::size_t i = 0; i < value.as_array().size(); ++i)
            judge_value(*items, value.as_array()[i], at + "." + std::to_string(i), out);
    else if (auto const* const members = value.if_object(); members != nullptr && !is_open(of))
        for (auto const& [name, member] : *members)
        {
            auto const here = at + "." + std::string(name);
            if (auto const* const inner = member_schema(schema, name))
                judge_value(*inner, member, here, out);
            else
                out.push_back(here + ": is not in the schema");
        }
}

}  // namespace linkspan::test
