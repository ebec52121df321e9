#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace linkspan::test
{

// The folder of recorded deliveries (LINKSPAN_PAYLOADS) or of API specifications (LINKSPAN_SPECS); nothing
// where it is not set or missing: the test then skips and says so.
std::optional<std::filesystem::path> payloads();
std::optional<std::filesystem::path> specs();

// A new empty folder below the system's, removed when the object goes.
class temporary_folder
{
public:
    temporary_folder();
    ~temporary_folder();
    temporary_folder(temporary_folder const&) = delete;
    temporary_folder& operator=(temporary_folder const&) = delete;

    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::string read_file(std::filesystem::path const& file);
void write_file(std::filesystem::path const& file, std::string_view text);

}  // namespace linkspan::test
