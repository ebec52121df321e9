#pragma once
#include "core/base/request_target.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// Judges requests without a body by an OpenAPI 3 document: what a mock server takes in silence, unknown
// parameters of a query among it, is a fault here.
class openapi
{
public:
    // base: what stands before the document's paths in a request: "/2.0". documented_elsewhere: parameters of
    // every operation, which the document leaves to its introduction.
    openapi(
        boost::json::value document, std::string base, std::vector<std::string> documented_elsewhere = {}
    );

    // What is wrong with a request, one text each; none for one that the document describes: the path, the
    // method, not deprecated; each parameter of the query described (as one, or as "?name=" in the
    // operation's own words) and not deprecated, its value one of its enum; the required ones there.
    std::vector<std::string> faults(std::string_view method, std::string_view target) const;

    // "GET /repositories/{workspace}", the operation that a request is one of; empty: none.
    std::string operation(std::string_view method, std::string_view target) const;

    // The members of a partial response ("values.user.uuid") that the schema of the operation's answer does
    // not have; nothing where the document gives no schema.
    std::optional<std::vector<std::string>> unknown_fields(
        std::string_view method, std::string_view target, std::vector<std::string> const& fields
    ) const;

    // What is wrong with the body of a 200 by the schema of the operation's answer, as "values.0.id: is no
    // integer", "values.0.idd: is not in the schema": each member must be named there, with its type and
    // among the words of its enum; null stands for anything, and an object without
    // described members has any. Nothing where the document gives no schema.
    std::optional<std::vector<std::string>> answer_faults(
        std::string_view method, std::string_view target, boost::json::value const& body
    ) const;

private:
    boost::json::value const* answer_schema(std::string_view method, std::string_view target) const;
    boost::json::value const& resolved(boost::json::value const& schema) const;
    boost::json::value const* member_schema(boost::json::value const& schema, std::string_view name) const;
    void judge_value(
        boost::json::value const& schema,
        boost::json::value const& value,
        std::string const& at,
        std::vector<std::string>& out
    ) const;
    boost::json::object const* path_item(std::string_view target, std::string* name) const;
    std::string fault_of_parameter(
        query_parameter const& given,
        std::vector<boost::json::object const*> const& known,
        std::string const& words
    ) const;

    bool has_member(boost::json::value const& schema, std::string_view path) const;

    boost::json::value document_;
    std::string base_;
    std::vector<std::string> documented_elsewhere_;
};

}  // namespace linkspan::test
