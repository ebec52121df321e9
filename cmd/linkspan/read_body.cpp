#include "cmd/linkspan/read_body.hpp"

namespace linkspan
{

result<reading> read_body(inbound const& delivery)
{
    auto said = read_delivery(delivery);
    auto const failure = said ? error() : said.error();
    if (failure.code != errc::invalid)
        return said;
    if (delivery.body.find_first_not_of(" \t\r\n") == delivery.body.npos)
        return error(errc::invalid, "the body is empty");
    constexpr std::string_view root = "/: ";
    constexpr std::string_view itself = "the body ";
    std::string_view const fault = failure.message;
    if (!fault.starts_with(root))
        return said;
    auto const what = fault.substr(root.size());
    return error(
        errc::invalid,
        std::string(what.starts_with(itself) ? "" : "the body as a whole: ") + std::string(what)
    );
}

}  // namespace linkspan
