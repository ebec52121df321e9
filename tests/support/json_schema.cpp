#include "tests/support/json_schema.hpp"

#include "core/base/time.hpp"
#include "core/event/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <regex>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

class checker
{
public:
    explicit checker(json::object const& root) : root_(root) {}

    std::string check(json::object const& schema, json::value const& value, std::string const& path) const
    {
        if (auto const* reference = schema.if_contains("$ref"))
        {
            if (reference->as_string() == event_schema_uri)
            {
                auto const of_events = event_schema();
                return checker(of_events).check(of_events, value, path);
            }
            return check(definition(reference->as_string()), value, path);
        }
        if (auto fault = check_value(schema, value, path); !fault.empty())
            return fault;
        if (auto fault = check_members(schema, value, path); !fault.empty())
            return fault;
        if (auto const* items = schema.if_contains("items"))
            for (std::size_t i = 0; i < value.as_array().size(); ++i)
                if (auto fault =
                        check(items->as_object(), value.as_array()[i], path + "/" + std::to_string(i));
                    !fault.empty())
                    return fault;
        if (auto const* all = schema.if_contains("allOf"))
            for (auto const& one : all->as_array())
                if (auto fault = check(one.as_object(), value, path); !fault.empty())
                    return fault;
        if (auto const* condition = schema.if_contains("if"))
            if (check(condition->as_object(), value, path).empty())
                return check(schema.at("then").as_object(), value, path);
        return {};
    }

private:
    json::object const& definition(std::string_view reference) const
    {
        constexpr std::string_view prefix = "#/$defs/";
        if (!reference.starts_with(prefix))
            throw std::runtime_error("unknown reference");
        return root_.at("$defs").as_object().at(reference.substr(prefix.size())).as_object();
    }

    static bool has_type(json::value const& value, std::string_view type)
    {
        if (type == "string")
            return value.is_string();
        if (type == "integer")
            return value.is_int64();
        if (type == "boolean")
            return value.is_bool();
        if (type == "array")
            return value.is_array();
        if (type == "object")
            return value.is_object();
        throw std::runtime_error("unknown type");
    }

    static std::string check_value(
        json::object const& schema, json::value const& value, std::string const& path
    )
    {
        if (auto const* type = schema.if_contains("type"))
            if (!has_type(value, type->as_string()))
                return path + ": is no " + std::string(type->as_string());
        if (auto const* words = schema.if_contains("enum"))
            if (auto const& all = words->as_array(); std::ranges::find(all, value) == all.end())
                return path + ": " + json::serialize(value) + " is no word of the schema";
        if (auto const* only = schema.if_contains("const"))
            if (*only != value)
                return path + ": is not " + json::serialize(*only);
        if (auto const* format = schema.if_contains("format"))
            if (!has_format(value.as_string(), format->as_string()))
                return path + ": is no " + format_name(format->as_string());
        if (auto const* pattern = schema.if_contains("pattern"))
            if (!std::regex_search(
                    std::string(value.as_string()), std::regex(std::string(pattern->as_string()))
                ))
                return path + ": does not match the pattern";
        return {};
    }

    static std::string format_name(std::string_view format)
    {
        return format == "date-time" ? "time" : std::string(format);
    }

    static bool has_format(std::string_view text, std::string_view format)
    {
        static std::regex const uuid("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
        if (format == "date-time")
            return parse_time(text).has_value();
        if (format == "uri")
            return boost::urls::parse_uri(text).has_value();
        if (format == "uuid")
            return std::regex_match(std::string(text), uuid);
        throw std::runtime_error("unknown format");
    }

    std::string check_members(json::object const& schema, json::value const& value, std::string const& path)
        const
    {
        if (auto const* required = schema.if_contains("required"))
            for (auto const& name : required->as_array())
                if (!value.as_object().contains(name.as_string()))
                    return path + "/" + std::string(name.as_string()) + ": is missing";
        auto const* properties = schema.if_contains("properties");
        if (properties == nullptr)
            return {};
        for (auto const& [name, member] : value.as_object())
        {
            auto const here = path + "/" + std::string(name);
            if (auto const* inner = properties->as_object().if_contains(name))
            {
                if (auto fault = check(inner->as_object(), member, here); !fault.empty())
                    return fault;
            }
            else if (schema.contains("type"))
                return here + ": is not in the schema";
        }
        return {};
    }

    json::object const& root_;
};

}  // namespace

std::string schema_fault(json::object const& schema, json::value const& document)
{
    return checker(schema).check(schema, document, "");
}

}  // namespace linkspan::test
